using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>What telemetry asks a call about, tags that only its client knows included.</summary>
internal interface IDescriber<in TResult>
{
    /// <summary>The name of the call's span; asked for only where somebody listens.</summary>
    string Name { get; }

    Endpoint Endpoint { get; }

    TimeProvider Clock { get; }

    ILogger? Logger { get; }

    /// <summary>When the call began, by <see cref="Clock"/>.</summary>
    long StartedAt { get; }

    void Describe(TResult? result, ref TagList tags);
}
