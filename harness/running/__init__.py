"""From a suite to a run on disk: trials, their context, the folder, the figures."""
