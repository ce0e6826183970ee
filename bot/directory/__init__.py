"""The services: who helps, with what, where and when. Values only; nothing here does I/O."""
