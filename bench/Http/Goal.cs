namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>A figure that has to reach a limit.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Value">What was measured; NaN where it was not.</param>
/// <param name="Limit">Where the goal lies.</param>
/// <param name="AtMost">Whether less is better.</param>
/// <param name="IsRate">Whether it is about time on the clock, which says nothing on a busy machine; CPU time and bytes still do.</param>
internal sealed record Goal(string What, double Value, double Limit, bool AtMost, bool IsRate = false)
{
    public bool IsMeasured => double.IsFinite(Value);

    public bool IsReached => AtMost ? Value <= Limit : Value >= Limit;

    public string Verdict(bool isBusy) => !IsMeasured ? "not measured" : IsRate && isBusy ? "machine busy" : IsReached ? "PASS" : "miss";
}
