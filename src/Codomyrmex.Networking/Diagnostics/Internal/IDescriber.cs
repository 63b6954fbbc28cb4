using System.Diagnostics;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>Adds the tags that only a client knows to the telemetry of its call.</summary>
internal interface IDescriber<in TResult>
{
    void Describe(TResult? result, ref TagList tags);
}
