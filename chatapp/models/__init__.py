"""The nouns of Plainwire."""

from .chat import Chat
from .conversation import Conversation
from .membership import Membership
from .message import Message
from .reply import Reply
from .session import Session
from .typing import Typing
from .user import User

__all__ = ["Chat", "Conversation", "Membership", "Message", "Reply", "Session", "Typing", "User"]
