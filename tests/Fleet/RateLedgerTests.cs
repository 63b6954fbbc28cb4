using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>The sum of what is lent never exceeds the cap, whatever is lost on the way.</summary>
public sealed class RateLedgerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RateLedger _ledger;

    public RateLedgerTests() => _ledger = new RateLedger(_clock) { Cap = 100 };

    [Fact]
    public void One_machine_has_all()
    {
        Assert.Equal((1, 100.0), Lend("a", 0));
        Assert.Equal(100, _ledger.Lent);
    }

    [Fact]
    public void Another_machine_gets_its_share_once_the_first_is_known_to_go_by_less()
    {
        var (first, _) = Lend("a", 0);
        Assert.Equal(0, Lend("b", 0).Rate);
        var (second, rate) = Lend("a", first);
        Assert.Equal(50, rate);
        // The first machine may still go by its first loan: the answer can be lost.
        Assert.Equal(0, Lend("b", 0).Rate);
        Lend("a", second);
        Assert.Equal(50, Lend("b", 0).Rate);
        Assert.Equal(100, _ledger.Lent);
    }

    [Fact]
    public void Loan_of_a_machine_that_vanished_is_lent_again_when_it_is_over()
    {
        Lend("a", 0);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(_ledger.Expire());
        Assert.Equal(0, Lend("b", 0).Rate);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["a"], _ledger.Expire());
        Assert.Equal(100, Lend("b", 0).Rate);
    }

    [Fact]
    public void What_a_machine_cannot_use_others_share()
    {
        _ledger.Cap = 90;
        foreach (var _ in Enumerable.Range(0, 3))
        {
            foreach (var (machine, wants) in ((string, double)[])[("a", 10), ("b", double.PositiveInfinity), ("c", double.PositiveInfinity)])
                _applied[machine] = Lend(machine, _applied.GetValueOrDefault(machine), wants).Number;
        }
        Assert.Equal((10.0, 40.0, 40.0), (Settled("a", 10), Settled("b"), Settled("c")));
    }

    [Fact]
    public void Sum_never_exceeds_the_cap_in_ten_thousand_steps_with_lost_answers()
    {
        var dice = new Random(1);
        var holds = new Dictionary<string, (double Rate, long Until, long Number)>();
        for (var step = 0; step < 10_000; step++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(dice.Next(700)));
            if (step % 500 == 0)
                _ledger.Cap = Math.Max(_ledger.Cap, 100);
            _ledger.Expire();
            var machine = "m" + dice.Next(6);
            var now = _clock.GetTimestamp();
            var known = holds.TryGetValue(machine, out var hold) && now < hold.Until ? hold.Number : 0;
            var asked = now;
            var (number, rate) = _ledger.Lend(machine, known, dice.Next(4) == 0 ? 5 : double.PositiveInfinity, now + Seconds(5));
            // One answer of three is lost; one that comes holds a second less than who gave it thinks.
            if (dice.Next(3) > 0)
                holds[machine] = (rate, asked + Seconds(4), number);
            Assert.InRange(holds.Values.Where(one => one.Until > now).Sum(one => one.Rate), 0, 100.000001);
        }
    }

    private readonly Dictionary<string, long> _applied = [];

    private double Settled(string machine, double wants = double.PositiveInfinity) => Lend(machine, _applied[machine], wants).Rate;

    private (long Number, double Rate) Lend(string machine, long applied, double wants = double.PositiveInfinity) => _ledger.Lend(machine, applied, wants, _clock.GetTimestamp() + Seconds(5));

    private long Seconds(double seconds) => (long)(seconds * _clock.TimestampFrequency);
}
