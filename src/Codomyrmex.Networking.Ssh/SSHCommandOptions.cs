namespace Codomyrmex.Networking.Ssh;

/// <summary>How a command runs. Immutable.</summary>
public sealed record SSHCommandOptions
{
    /// <summary>The defaults: no time limit, no input, 16 MiB of output at most.</summary>
    public static SSHCommandOptions Default { get; } = new();

    /// <summary>
    /// How long it may run. After that it gets <see cref="TimeoutSignal"/>, and where it has not ended after <see cref="TimeoutGrace"/>, its channel is closed. The
    /// default value is infinite.
    /// </summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The signal that a command gets when its time is up, without <c>SIG</c> (RFC 4254, section 6.10). The default value is <c>TERM</c>.</summary>
    public string TimeoutSignal { get; init; } = "TERM";

    /// <summary>How long a command may take to end after the signal. The default value is 2 seconds.</summary>
    public TimeSpan TimeoutGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What it reads from standard input; read to its end, and not disposed. Where reading it fails, the call fails with that error, whatever the command made of the beginning. The
    /// default value is null: nothing, and it is told so.
    /// </summary>
    public Stream? StandardInput { get; init; }

    /// <summary>
    /// Variables for its environment. A server sets only those that it is configured to take (OpenSSH: <c>AcceptEnv</c>); one that it refuses is an error. The default value is
    /// empty.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A terminal for it. The default value is null: none.</summary>
    public SSHTerminal? Terminal { get; init; }

    /// <summary>Runs it as another user. The default value is null: as the user who is logged in.</summary>
    public SSHSudo? Sudo { get; init; }

    /// <summary>
    /// The most bytes of standard output, and of standard error, that <see cref="SSHClient.RunAsync"/> keeps; a command that writes more is ended. The default value is 16 MiB.
    /// </summary>
    public int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        Check(Timeout, "SSHCommandOptions.Timeout");
        Check(TimeoutGrace, "SSHCommandOptions.TimeoutGrace");
        ArgumentOutOfRangeException.ThrowIfNegative(MaxOutputBytes, "SSHCommandOptions.MaxOutputBytes");
        if (string.IsNullOrEmpty(TimeoutSignal) || !TimeoutSignal.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException("SSHCommandOptions.TimeoutSignal is a name such as TERM.", nameof(TimeoutSignal));
        if (Environment.Keys.Any(static name => name.Length == 0 || name.AsSpan().ContainsAny('=', '\0')) || Environment.Values.Any(static value => value.Contains('\0')))
            throw new ArgumentException("SSHCommandOptions.Environment: a name is empty or has '=', or something has a NUL.", nameof(Environment));
        Terminal?.Validate();
        Sudo?.Validate();
        if (Sudo is not null && Terminal is not null)
            throw new ArgumentException("SSHCommandOptions.Sudo needs standard input for itself, and so excludes Terminal.", nameof(Sudo));
    }

    private static void Check(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero && value != System.Threading.Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, value, "A time is positive, or Timeout.InfiniteTimeSpan.");
    }
}
