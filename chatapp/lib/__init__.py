"""One small module for each thing outside. Nothing here knows chats or messages."""
