using System.Diagnostics;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Execution.Internal;

/// <summary>What a client hands to <see cref="Operation"/>: one call, its settings, and how to try it once.</summary>
internal abstract class Exchange<TResult> : IDescriber<TResult>
{
    // What a client knows anyway is asked of it: an exchange is made for every call, and each field of it costs memory.

    public abstract string Name { get; }

    public abstract Endpoint Endpoint { get; }

    public abstract TimeProvider Clock { get; }

    public abstract ILogger? Logger { get; }

    public abstract RetryOptions Retry { get; }

    /// <summary>The retries that the host may still cause; null where there are none anyway.</summary>
    public abstract RetryBudget? Budget { get; }

    /// <summary>The end of the total time, a timestamp of the clock (<see cref="Deadline.EndOn"/>).</summary>
    public required long EndsAt { get; init; }

    public Deadline Deadline => Deadline.At(Clock, EndsAt);

    public required long StartedAt { get; init; }

    /// <summary>Attempts that failed, in order.</summary>
    public List<Attempt>? Failed { get; set; }

    /// <summary>Asks the egress policy about the target as the caller wrote it.</summary>
    public abstract PolicyDecision CheckPolicy();

    /// <summary>Tries once.</summary>
    public abstract ValueTask<TResult> AttemptAsync(PhaseTimer timer);

    /// <summary>Whether a result is worth another try, and after how long. By default none is: what came of it is what was asked for.</summary>
    public virtual RetryAdvice Judge(TResult result) => default;

    /// <summary>Whether a repeat is safe after an attempt of which the peer has seen this much.</summary>
    public abstract bool CanRepeat(WasSent wasSent);

    /// <summary>What went wrong, with all that the exchange knows. Null where the error is not the network's.</summary>
    public abstract NetworkException? Explain(Exception error, PhaseTimer timer);

    /// <summary>Lets go of a result that will not be handed out, and says what it was. Asked only about what <see cref="Judge"/> turned down.</summary>
    public virtual Attempt Discard(TResult result) => throw new UnreachableException("No result is turned down.");

    /// <summary>The error for a wait that is longer than the caller allows. Asked only about what <see cref="Judge"/> turned down.</summary>
    public virtual NetworkException TooLongToWait(TResult result, TimeSpan wait) => throw new UnreachableException("No result is turned down.");

    /// <summary>Lets the result take the timer over (for a body still to be read); it then gives it back itself. By default it does not.</summary>
    public virtual bool TakesTimer(TResult result) => false;

    /// <summary>The call is over, or its result has been handed out.</summary>
    public virtual void Ended()
    {
    }

    /// <summary>Adds the tags of telemetry that only the client knows.</summary>
    public abstract void Describe(TResult? result, ref TagList tags);
}
