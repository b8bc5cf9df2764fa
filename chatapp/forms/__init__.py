"""What people may type, and what they are told when they may not."""

from .accounts import FounderForm, PasswordForm, ProfileForm, SessionForm, UserForm
from .chats import ChatForm, ManagerForm, MemberForm
from .files import PieceForm, UploadForm, limits
from .messages import MessageForm, NewMessageForm, ReactionForm, ReadForm

__all__ = [
    "ChatForm",
    "FounderForm",
    "ManagerForm",
    "MemberForm",
    "MessageForm",
    "NewMessageForm",
    "PasswordForm",
    "PieceForm",
    "ProfileForm",
    "ReactionForm",
    "ReadForm",
    "SessionForm",
    "UploadForm",
    "UserForm",
    "limits",
]
