using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>How <see cref="WebhookSignature"/> checks messages. Immutable.</summary>
public sealed record WebhookOptions
{
    /// <summary>The defaults.</summary>
    public static WebhookOptions Default { get; } = new();

    /// <summary>How far a message's time may be from now, in either direction. The default value is 5 minutes.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Secrets that are right as well, while the sender changes from one to the next. The default value is empty.</summary>
    public IReadOnlyList<string> OtherSecrets { get; init; } = [];

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Tolerance, TimeSpan.Zero, "WebhookOptions.Tolerance");
        ArgumentNullException.ThrowIfNull(OtherSecrets, "WebhookOptions.OtherSecrets");
        ArgumentNullException.ThrowIfNull(Clock, "WebhookOptions.Clock");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(null, $"Tolerance = {Tolerance}, OtherSecrets = {OtherSecrets.Count} ***");
        return true;
    }
}
