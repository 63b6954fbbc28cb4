using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Takes what comes of a command: its two streams, and how it ended.</summary>
internal sealed class SessionReader : IChannelReader
{
    private readonly TaskCompletionSource<SSHExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _places;
    private int? _code;
    private string? _signal;

    public SessionReader(SshChannel channel, SemaphoreSlim places)
    {
        _places = places;
        (Stdout, Stderr) = (new ReceivePipe(channel), new ReceivePipe(channel));
        // Whoever does not ask for it need not learn of it otherwise.
        _ = _exit.Task.ContinueWith(static exit => exit.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public ReceivePipe Stdout { get; }

    public ReceivePipe Stderr { get; }

    public Task<SSHExit> Exit => _exit.Task;

    public void Data(ReadOnlySpan<byte> data, bool isError) => (isError ? Stderr : Stdout).Add(data);

    public void EndOfData()
    {
        Stdout.Complete(null);
        Stderr.Complete(null);
    }

    public void Request(string name, ReadOnlySpan<byte> data)
    {
        var reader = new WireReader(data);
        if (name == "exit-status")
            _code = (int)reader.UInt32();
        else if (name == "exit-signal")
            _signal = Encoding.UTF8.GetString(reader.String());
    }

    public void Closed(NetworkException? error)
    {
        // Servers count a session until it is closed on both sides.
        _places.Release();
        Stdout.Complete(error?.Again());
        Stderr.Complete(error?.Again());
        if (error is not null && _code is null && _signal is null)
            _exit.TrySetException(error);
        else
            _exit.TrySetResult(new SSHExit(_code, _signal));
    }
}
