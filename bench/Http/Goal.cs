namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>A figure that has to reach a limit.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Value">What was measured; NaN where it was not.</param>
/// <param name="Limit">Where the goal lies.</param>
/// <param name="AtMost">Whether less is better.</param>
internal sealed record Goal(string What, double Value, double Limit, bool AtMost)
{
    public bool IsMeasured => double.IsFinite(Value);

    public bool IsReached => AtMost ? Value <= Limit : Value >= Limit;

    public string Verdict => !IsMeasured ? "not measured" : IsReached ? "PASS" : "miss";
}
