using System.Text;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>A user and the password that is proved, not sent (digest access authentication, RFC 7616, with SHA-256). Immutable; never prints the password.</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password.</param>
public sealed record WebSocketDigest(string User, string Password)
{
    /// <summary>
    /// Whether a challenge for MD5, or one without a quality of protection, is answered where nothing better is offered: whoever listens can then guess the password cheaply. The
    /// default value is false: the handshake fails with the 401.
    /// </summary>
    public bool AllowMd5 { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (User.Length == 0 || User.Contains(':', StringComparison.Ordinal) || User.Any(char.IsControl))
            throw new ArgumentException("WebSocketDigest.User is empty, or has a colon or a control character (RFC 7616, section 3.4).", nameof(User));
        ArgumentNullException.ThrowIfNull(Password, "WebSocketDigest.Password");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("User = ").Append(User).Append(", Password = ").Append(Redactor.Mask);
        return true;
    }
}
