namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>What a connection allows its peer. Times are infinite where there is no limit.</summary>
internal sealed record ConnectionLimits
{
    public required int FrameBytes { get; init; }

    /// <summary>Until the first byte of a frame.</summary>
    public required TimeSpan FirstByte { get; init; }

    /// <summary>The error of <see cref="FirstByte"/>.</summary>
    public required string FirstByteCode { get; init; }

    /// <summary>Between two bytes of a frame.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>For a whole frame, from the moment it is waited for.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>Until the peer takes a piece of what is sent.</summary>
    public required TimeSpan Write { get; init; }

    /// <summary>Bytes a second that a frame must come with; 0 for any.</summary>
    public int MinimumRate { get; init; }

    /// <summary>Time before the rate is looked at.</summary>
    public TimeSpan RateGrace { get; init; }

    /// <summary>How often somebody must look, so that no limit is overstepped by much.</summary>
    public TimeSpan Granularity
    {
        get
        {
            var shortest = TimeSpan.FromSeconds(4);
            foreach (var limit in (ReadOnlySpan<TimeSpan>)[FirstByte, Idle, Total, Write])
            {
                if (limit != Timeout.InfiniteTimeSpan && limit < shortest)
                    shortest = limit;
            }
            return TimeSpan.FromMilliseconds(Math.Max(shortest.TotalMilliseconds / 4, 5));
        }
    }
}
