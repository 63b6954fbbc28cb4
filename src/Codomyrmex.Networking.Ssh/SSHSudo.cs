namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// Runs a command as another user by <c>sudo</c>. The password is written to sudo's standard input when, and only when, sudo asks for it: it stands in no argument, no environment variable,
/// no log and no message. Immutable.
/// </summary>
public sealed record SSHSudo
{
    /// <summary>The password; null where sudo is to ask for none, and fails if it does.</summary>
    public string? Password { get; init; }

    /// <summary>The user to become. The default value is <c>root</c>.</summary>
    public string User { get; init; } = "root";

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append("Password = ").Append(Password is null ? "" : Redactor.Mask).Append(", User = ").Append(User);
        return true;
    }

    internal void Validate()
    {
        if (string.IsNullOrEmpty(User) || User[0] == '-' || User.Any(char.IsControl))
            throw new ArgumentException("SSHSudo.User is empty, begins with a hyphen or has control characters.", nameof(User));
        if (Password is { } password && password.AsSpan().ContainsAny('\n', '\r', '\0'))
            throw new ArgumentException("SSHSudo.Password has a line break.", nameof(Password));
    }
}
