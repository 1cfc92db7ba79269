"""What all monitors share: how one is declared, run, judged and shown."""
