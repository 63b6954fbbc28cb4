namespace Codomyrmex.Networking.WebSockets;

/// <summary>How much may wait to be sent. Immutable.</summary>
public sealed record SendQueueOptions
{
    /// <summary>The defaults.</summary>
    public static SendQueueOptions Default { get; } = new();

    /// <summary>Bytes of frames that may wait while others are written. The default value is 1 MiB.</summary>
    public int Bytes { get; init; } = 1024 * 1024;

    /// <summary>What happens to a message for which there is no room. The default value is <see cref="WhenQueueFull.Wait"/>. Messages of more than 32 KiB always wait.</summary>
    public WhenQueueFull WhenFull { get; init; } = WhenQueueFull.Wait;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Bytes, 1024, "SendQueueOptions.Bytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bytes, 1024 * 1024 * 1024, "SendQueueOptions.Bytes");
        if (!Enum.IsDefined(WhenFull))
            throw new ArgumentOutOfRangeException("SendQueueOptions.WhenFull", WhenFull, "There is no such choice.");
    }
}
