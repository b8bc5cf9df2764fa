"""What people may type, and what they are told when they may not."""

from .accounts import FounderForm, PasswordForm, ProfileForm, SessionForm, UserForm
from .chats import ChatForm, DeletionForm, ManagerForm, MemberForm
from .messages import MessageForm, NewMessageForm, ReactionForm, ReadForm

__all__ = [
    "ChatForm",
    "DeletionForm",
    "FounderForm",
    "ManagerForm",
    "MemberForm",
    "MessageForm",
    "NewMessageForm",
    "PasswordForm",
    "ProfileForm",
    "ReactionForm",
    "ReadForm",
    "SessionForm",
    "UserForm",
]
