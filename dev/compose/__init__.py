"""The demo school in containers: `docker compose up` in this folder. See docs/start/try-it.md."""
