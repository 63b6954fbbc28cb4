using System.Text;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What an SSH server sends over a connection that stands: messages of channels, answers of SFTP; and what lies beside a remote file.</summary>
internal static class SshChannelTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ssh-message", ReadMessage) { Words = ["\u005E\0\0\0\u0001", "\u0062\0\0\0\u0001\0\0\0\u000Bexit-status", "\0\0\0\u000Bexit-signal", "\u005B", "\u005A\0\0\0\u000Fforwarded-tcpip", "\u00FF\u00FF\u00FF\u00FF", "\0\0\0\0", "|"], Iterations = 3_000 },
        new("sftp-answer", ReadAnswer) { Words = ["\u0065\0\0\0\u0001", "\u0067\0\0\0\u0001", "\u0068\0\0\0\u0001", "\u0069", "\u0002\0\0\0\u0003", "\0\0\0\u0005", "\u00FF\u00FF\u00FF\u00FF", "../", "limits@openssh.com"], Iterations = 3_000 },
        new("glob", ReadGlob) { Words = ["*", "**", "?", "[", "]", "[!", "a-z", "\\", ".", "/", "|"] },
        new("upload-journal", ReadJournal) { Words = ["\"format\":1", "\"temporary\":", "\"size\":", "\"modified\":", "../", "/", "null", "-1"] },
    ];

    // Messages stand between bars; all go to one connection with an open channel.
    private static void ReadMessage(byte[] input)
    {
        var link = new NoLink();
        using var places = new SemaphoreSlim(1);
        var connection = new Multiplexer(link, new Endpoint("peer", 22), 1, SSHKeepAlive.Off, TimeProvider.System);
        var channel = new SshChannel(connection, connection.NextChannel(), channel => new SessionReader(channel, places), 1024);
        connection.Add(channel);
        channel.Confirm(7, 1000, 1000);
        var before = ((SessionReader)channel.Reader).Exit.IsCompleted;
        Promise.Keep(!before, "a command has not ended before it began");
        foreach (var message in Split(input))
            connection.Received(message);
        connection.Fail(new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "over" }.ToException());
        Promise.Keep(connection.End is SSHException && ((SessionReader)channel.Reader).Exit.IsCompleted, "whoever waits learns that it is over");
    }

    private static void ReadAnswer(byte[] input)
    {
        using var places = new SemaphoreSlim(1);
        var connection = new Multiplexer(new NoLink(), new Endpoint("peer", 22), 1, SSHKeepAlive.Off, TimeProvider.System);
        var channel = new SshChannel(connection, connection.NextChannel(), channel => new SftpConnection(channel, places, Timeouts.Default, TimeProvider.System), 1 << 20);
        connection.Add(channel);
        channel.Confirm(7, 100_000, 32_768);
        var sftp = (SftpConnection)channel.Reader;
        var asked = sftp.AskAsync(new SftpRequest(SftpNumbers.Stat).Text("x"), CancellationToken.None);
        var destination = new byte[64];
        var read = sftp.BeginReadAsync([1], 0, destination.AsMemory(16, 16), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        // In pieces of every size: an answer may be cut anywhere.
        for (var (at, size) = (0, 1); at < input.Length; size = (size * 2) + 1)
        {
            var count = Math.Min(size, input.Length - at);
            connection.ReceivedData(channel.Local, input.AsSpan(at, count));
            at += count;
        }
        connection.Fail(new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "over" }.ToException());
        Promise.Keep(asked.ContinueWith(static _ => true, TaskScheduler.Default).Wait(TimeSpan.FromSeconds(10)) && read.Task.IsCompleted, "every question has an end");
        Promise.Keep(destination.AsSpan(0, 16).IndexOfAnyExcept((byte)0) < 0 && destination.AsSpan(32).IndexOfAnyExcept((byte)0) < 0, "bytes of a file stay in their place");
        Promise.Keep(asked.IsCompletedSuccessfully || asked.Exception!.InnerException is NetworkException, "a failure is one of ours");
    }

    private static void ReadGlob(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        var (pattern, name) = bar < 0 ? (text, text) : (text[..bar], text[(bar + 1)..]);
        _ = GlobPattern.Matches(pattern, name);
        Promise.Keep(name.Length == 0 || name[0] == '.' || GlobPattern.Matches("*", name), "a star meets every name without a dot in front");
        Promise.Keep(GlobPattern.HasWildcards(name) || name.Length == 0 || GlobPattern.Matches(name, name), "a plain name meets itself");
    }

    private static void ReadJournal(byte[] input)
    {
        if (UploadJournal.Parse(input) is not { } journal)
            return;
        Promise.Keep(RemotePath.IsName(journal.Temporary), "a journal's file lies beside it");
        Promise.Keep(UploadJournal.Parse(journal.ToJson()) == journal, "a journal can be read back");
    }

    private static IEnumerable<byte[]> Split(byte[] input)
    {
        var start = 0;
        for (var i = 0; i <= input.Length; i++)
        {
            if (i < input.Length && input[i] != '|')
                continue;
            yield return input[start..i];
            start = i + 1;
        }
    }

    /// <summary>A link to nobody.</summary>
    private sealed class NoLink : IMessageLink
    {
        public ReadOnlyMemory<byte> SessionId => default;

        public SSHConnectionFacts Facts { get; } = new() { ServerVersion = "", KeyExchange = "", HostKeyAlgorithm = "", HostKeyFingerprint = "", Encryption = "" };

        public void Start(IMessageSink sink)
        {
        }

        public void Send(ReadOnlyMemory<byte> payload)
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
