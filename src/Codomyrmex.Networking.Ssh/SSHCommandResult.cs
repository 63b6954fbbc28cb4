using System.Text;

namespace Codomyrmex.Networking.Ssh;

/// <summary>What came of a command. A status other than 0 is a result and no error; see <see cref="EnsureSuccess"/>. Immutable.</summary>
public sealed class SSHCommandResult
{
    private readonly Endpoint _endpoint;
    private readonly Lazy<string> _stdout;
    private readonly Lazy<string> _stderr;

    internal SSHCommandResult(Endpoint endpoint, SSHExit exit, ReadOnlyMemory<byte> stdout, ReadOnlyMemory<byte> stderr, TimeSpan elapsed)
    {
        (_endpoint, Exit, StdoutBytes, StderrBytes, Elapsed) = (endpoint, exit, stdout, stderr, elapsed);
        _stdout = new Lazy<string>(() => Encoding.UTF8.GetString(stdout.Span));
        _stderr = new Lazy<string>(() => Encoding.UTF8.GetString(stderr.Span));
    }

    /// <summary>How it ended.</summary>
    public SSHExit Exit { get; }

    /// <summary>Its exit status; null where it was ended by a signal, or the server did not say.</summary>
    public int? ExitCode => Exit.Code;

    /// <summary>The signal that ended it, without <c>SIG</c>; null for none.</summary>
    public string? Signal => Exit.Signal;

    /// <summary>What it wrote to standard output, as UTF-8; bytes that are none are replaced.</summary>
    public string Stdout => _stdout.Value;

    /// <summary>What it wrote to standard error, as UTF-8; bytes that are none are replaced.</summary>
    public string Stderr => _stderr.Value;

    /// <summary>The bytes of standard output.</summary>
    public ReadOnlyMemory<byte> StdoutBytes { get; }

    /// <summary>The bytes of standard error.</summary>
    public ReadOnlyMemory<byte> StderrBytes { get; }

    /// <summary>From its being asked for to its end.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Throws unless it ended with status 0.</summary>
    /// <returns>Itself.</returns>
    /// <exception cref="SSHException">It did not (<c>ssh.exit_status</c>); the message shows how standard error ends.</exception>
    public SSHCommandResult EnsureSuccess()
    {
        if (Exit.IsSuccess)
            return this;
        var words = Stderr.Trim();
        throw new NetworkFailure
        {
            Code = ErrorCodes.SshExitStatus,
            Message = $"A command on {_endpoint} ended with {Exit}{(words.Length == 0 ? "." : $": {Printable.Text(words.Length > 300 ? words[^300..] : words, 300)}")}",
            Phase = NetworkPhase.Receive,
            Endpoint = _endpoint,
            Elapsed = Elapsed,
            WasSent = WasSent.Yes,
        }.ToException();
    }

    /// <summary>How it ended, and the sizes of what it wrote.</summary>
    public override string ToString() => $"{Exit}, {StdoutBytes.Length} + {StderrBytes.Length} bytes";
}
