"""A service on this machine that speaks OpenAI's API, to try the hosted path against without an account.

    python -m suites.local_service                                         serves until Ctrl-C
    python -m suites.local_service -- harness run suites/hosted.yaml       serves while that runs

Chat completions, files, fine-tuning jobs and batches; what answers is the packaged SmolLM2, and a tuned model is
really trained, with LoRA on the uploaded file. It is for trying, not for serving: one process, one folder.
"""
