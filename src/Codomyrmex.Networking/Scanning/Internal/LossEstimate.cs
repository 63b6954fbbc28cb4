namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How many probes get lost on the way there or back, from ports that are known to answer. A mutable value.</summary>
internal struct LossEstimate
{
    // An answering port that is overlooked once in ten millions is none that anybody will miss.
    private const double AcceptedMiss = 1e-7;

    /// <summary>Tries to ports that answer.</summary>
    public long Tries { get; private set; }

    /// <summary>Of these, without an answer.</summary>
    public long Lost { get; private set; }

    /// <summary>A port answered after some tries that had no answer.</summary>
    public void Answered(int lostBefore)
    {
        Tries += lostBefore + 1;
        Lost += lostBefore;
    }

    /// <summary>A port that had answered before did not.</summary>
    public void Missed()
    {
        Tries++;
        Lost++;
    }

    /// <summary>The share that gets lost; cautious while little is known.</summary>
    public readonly double Share => (Lost + 0.5) / (Tries + 1);

    /// <summary>How often a silent port is to be asked in all, so that silence means something.</summary>
    /// <param name="atLeast">The least.</param>
    /// <param name="atMost">The most.</param>
    public readonly int TriesNeeded(int atLeast, int atMost) => Lost == 0
        ? atLeast
        : Math.Clamp((int)Math.Ceiling(Math.Log(AcceptedMiss) / Math.Log(Share)), atLeast, Math.Max(atLeast, atMost));

    /// <summary>The probability that a port that answers did so within some tries.</summary>
    public readonly double Found(int tries) => 1 - Math.Pow(Share, tries);
}
