using System.Threading.Tasks.Sources;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>An answer that is waited for. Bytes of a file go straight to where they are wanted; any other answer is kept. Used for one request after the other.</summary>
internal sealed class SftpReply : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>Where the bytes of a file go; empty where none are asked for.</summary>
    public Memory<byte> Destination { get; set; }

    /// <summary>How many bytes came to <see cref="Destination"/>.</summary>
    public int Count { get; set; }

    /// <summary>The type of the answer.</summary>
    public byte Type { get; set; }

    /// <summary>The answer without its type and number.</summary>
    public byte[] Body { get; set; } = [];

    public ValueTask Task => new(this, _core.Version);

    /// <summary>The reply, once it is complete.</summary>
    public async Task<SftpReply> CompletedAsync()
    {
        await Task.ConfigureAwait(false);
        return this;
    }

    public void Reset(Memory<byte> destination)
    {
        _core.Reset();
        (Destination, Count, Type, Body) = (destination, 0, 0, []);
    }

    public void Complete() => _core.SetResult(true);

    public void Fail(Exception error) => _core.SetException(error);

    public void GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
}
