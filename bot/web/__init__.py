"""The public port: POST /sms, POST /voice and GET /health, and nothing else."""
