"""One self-contained HTML page of what runs came to: works offline, can be mailed, reads on paper too."""
