using System.Runtime.CompilerServices;
using System.Text;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// A command, shell or subsystem that runs on the server. Its streams are used by one reader and one writer each; all else is thread-safe. Disposing it closes its channel: what still runs
/// there loses its streams.
/// </summary>
/// <remarks>
/// Standard output and standard error share what the server may send ahead (<see cref="SSHClientOptions.ReceiveWindow"/>): a command that fills the one that nobody reads stops.
/// Read both, or dispose the one that is not wanted.
/// </remarks>
public sealed class SSHProcess : IAsyncDisposable
{
    private readonly SshChannel _channel;
    private readonly SessionReader _reader;

    internal SSHProcess(SshChannel channel)
    {
        _channel = channel;
        _reader = (SessionReader)channel.Reader;
        StandardInput = new ChannelWriteStream(channel);
    }

    /// <summary>What it reads. Disposing the stream tells it that no more comes.</summary>
    public Stream StandardInput { get; }

    /// <summary>What it writes to standard output.</summary>
    public Stream StandardOutput => _reader.Stdout;

    /// <summary>What it writes to standard error; empty where it has a terminal.</summary>
    public Stream StandardError => _reader.Stderr;

    /// <summary>Waits for its end: how it ended. Comes when its streams are closed too.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the command.</param>
    /// <exception cref="SSHException">The connection was lost before (<c>ssh.disconnected</c>).</exception>
    public Task<SSHExit> WaitAsync(CancellationToken cancellationToken = default) => _reader.Exit.WaitAsync(cancellationToken);

    /// <summary>The lines of standard output as they come, without their ends.</summary>
    /// <param name="maxLineLength">The most characters of a line; a longer one comes in pieces.</param>
    /// <param name="cancellationToken">Cancels the wait for the next line.</param>
    public async IAsyncEnumerable<string> ReadLinesAsync(int maxLineLength = 1024 * 1024, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineLength, 1);
        var decoder = Encoding.UTF8.GetDecoder();
        var line = new StringBuilder();
        var bytes = new byte[16 * 1024];
        var chars = new char[bytes.Length + 1];
        int count;
        do
        {
            count = await StandardOutput.ReadAsync(bytes, cancellationToken).ConfigureAwait(false);
            var length = decoder.GetChars(bytes.AsSpan(0, count), chars, flush: count == 0);
            for (var start = 0; start < length;)
            {
                var end = Array.IndexOf(chars, '\n', start, length - start);
                var part = Math.Min((end < 0 ? length : end) - start, maxLineLength - line.Length);
                line.Append(chars, start, part);
                start += part;
                if (start == end)
                    start++;
                else if (line.Length < maxLineLength)
                    break;
                yield return TakeLine(line);
            }
        }
        while (count > 0);
        if (line.Length > 0)
            yield return TakeLine(line);
    }

    /// <summary>Sends it a signal (RFC 4254, section 6.9). Servers need not deliver it, and do not say whether they did.</summary>
    /// <param name="signal">The name without <c>SIG</c>, such as <c>TERM</c> or <c>INT</c>.</param>
    public void Signal(string signal)
    {
        ArgumentException.ThrowIfNullOrEmpty(signal);
        if (!signal.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException("A signal is a name such as TERM.", nameof(signal));
        _channel.Tell("signal", new WireWriter().Text(signal).Written);
    }

    /// <summary>Tells it that its terminal has another size now (RFC 4254, section 6.7).</summary>
    /// <param name="columns">The width in characters.</param>
    /// <param name="rows">The height in characters.</param>
    public void Resize(int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        _channel.Tell("window-change", new WireWriter().UInt32((uint)columns).UInt32((uint)rows).UInt32(0).UInt32(0).Written);
    }

    /// <summary>Closes its channel.</summary>
    public ValueTask DisposeAsync()
    {
        _reader.Stdout.Dispose();
        _reader.Stderr.Dispose();
        return _channel.DisposeAsync();
    }

    private static string TakeLine(StringBuilder line)
    {
        if (line.Length > 0 && line[^1] == '\r')
            line.Length--;
        var text = line.ToString();
        line.Clear();
        return text;
    }
}
