using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Tests.Fuzz;

public class FuzzTests
{
    private const ulong FixedSeed = 2026;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Every_seed_is_accepted_or_rejected_with_a_documented_error(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var seeds = Seeds.Of(target);
        Assert.True(seeds.Count > 0, $"tests/Fuzz/seeds/{name} needs at least one file.");
        Assert.All(seeds, seed => FuzzRun.Try(target, seed));
        FuzzRun.Try(target, []);
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_mutation_is_accepted_or_rejected_with_a_documented_error(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var (seed, iterations, time) = Effort(target);
        var mutator = new Mutator(seed, Seeds.Of(target), target.Words);
        var start = Stopwatch.GetTimestamp();
        var count = 0L;
        for (; count < iterations && (count % 256 != 0 || Stopwatch.GetElapsedTime(start) < time); count++)
            FuzzRun.Try(target, mutator.Next());
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {count} inputs from seed {seed} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        byte[][] seeds = ["GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [1, 2, 3, 4]];
        var (one, two, other) = (new Mutator(7, seeds, ["x"]), new Mutator(7, seeds, ["x"]), new Mutator(8, seeds, ["x"]));
        var inputs = Enumerable.Range(0, 500).Select(_ => one.Next()).ToList();
        Assert.All(inputs, input => Assert.Equal(input, two.Next()));
        Assert.NotEqual(inputs[0], other.Next());
        Assert.True(inputs.DistinctBy(Convert.ToHexString).Count() > 400);
    }

    [Fact]
    public void A_reader_that_runs_past_the_end_is_found()
    {
        byte[][] seeds = [[2, 10, 20]];
        var careless = new FuzzTarget("careless", input => _ = input.Length > 0 ? input.AsSpan(1, input[0]).Length : 0);
        var mutator = new Mutator(FixedSeed, seeds, []);
        var faults = Enumerable.Range(0, 1000).Select(_ => FuzzRun.Judge(careless, mutator.Next())).OfType<string>().ToList();
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.StartsWith("threw ArgumentOutOfRangeException", fault));
    }

    // A normal run is the same every time; ./dev fuzz N shares N seconds between the targets and starts somewhere new.
    private static (ulong Seed, long Iterations, TimeSpan Time) Effort(FuzzTarget target)
    {
        if (Environment.GetEnvironmentVariable("CODOMYRMEX_FUZZ_SECONDS") is not { Length: > 0 } text)
            return (FixedSeed, target.Iterations, TimeSpan.FromSeconds(20));
        var seconds = double.Parse(text, CultureInfo.InvariantCulture);
        return ((ulong)Stopwatch.GetTimestamp(), long.MaxValue, TimeSpan.FromSeconds(seconds / FuzzTargets.All.Count));
    }
}
