using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>No host is two machines', whatever is lost on the way, and no page is begun for which there is no room.</summary>
public sealed class HostLedgerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly HashSet<int> _done = [];
    private readonly Dictionary<string, long> _sequences = [];
    private readonly HostLedger _ledger;

    public HostLedgerTests() => _ledger = new HostLedger(_clock, _done.Contains);

    [Fact]
    public void One_machine_has_all_that_it_has_room_for()
    {
        Free(5);
        Assert.Equal([0, 1, 2], Ask("a", [], room: 3));
        Assert.Equal([0, 1, 2, 3, 4], Ask("a", [0, 1, 2], room: 10));
    }

    [Fact]
    public void Machine_that_comes_gets_its_share_once_the_first_has_left_it()
    {
        Free(6);
        Assert.Equal(6, Ask("a", []).Length);
        Assert.Empty(Ask("b", []));
        // It is told to leave some, and may still be asking them.
        Assert.Equal([0, 1, 2], Ask("a", [0, 1, 2, 3, 4, 5]));
        Assert.Empty(Ask("b", []));
        Assert.Equal([0, 1, 2], Ask("a", [0, 1, 2]));
        Assert.Equal([3, 4, 5], Ask("b", []));
    }

    [Fact]
    public void Machine_that_did_not_hear_the_answer_does_not_have_the_hosts()
    {
        Free(1);
        Assert.Equal([0], Ask("a", []));
        // It asks again, and has none: so it is free.
        Assert.Equal([0], Ask("a", []));
        Assert.Empty(Ask("b", []));
    }

    [Fact]
    public void Request_that_was_overtaken_changes_nothing()
    {
        Free(1);
        Ask("a", []);
        _sequences["a"] = 0;
        Assert.Null(TryAsk("a", []));
        Assert.Empty(Ask("b", []));
    }

    [Fact]
    public void Hosts_of_a_machine_that_is_silent_are_free_when_its_lease_is_over()
    {
        Free(2);
        Assert.Equal([0, 1], Ask("a", []));
        Ask("b", []);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(Ask("b", []));
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal([0, 1], Ask("b", []));
    }

    [Fact]
    public void Hosts_of_a_machine_that_takes_leave_are_free_at_once_but_for_those_that_are_done()
    {
        Free(2);
        Ask("a", []);
        _done.Add(1);
        _ledger.Remove("a");
        Assert.Equal([0], Ask("b", []));
    }

    [Fact]
    public void Machine_that_vanishes_before_anything_was_lent_to_it_is_not_waited_for()
    {
        _ledger.Take(new CrawlRequest { Machine = "a", Name = "a", Sequence = 1, UnderWay = 3, Left = 4 }, Later);
        Assert.Equal((1, 7L), (_ledger.Machines, _ledger.Pages));
        _clock.Advance(TimeSpan.FromSeconds(5));
        _ledger.Expire();
        Assert.Equal((0, 0L), (_ledger.Machines, _ledger.Pages));
    }

    [Fact]
    public void Paused_crawl_takes_all_hosts_back()
    {
        Free(2);
        Ask("a", []);
        Assert.Empty(Ask("a", [0, 1], room: 0));
        Assert.False(_ledger.IsQuiet);
        Ask("a", [], room: 0);
        Assert.True(_ledger.IsQuiet);
    }

    [Fact]
    public void Pages_under_way_never_add_up_to_more_than_there_is_room_for()
    {
        const int Most = 500;
        var dice = new Random(7);
        var machines = Enumerable.Range(0, 5).Select(static number => new Machine($"m{number}")).ToArray();
        var written = 0;
        for (var step = 0; step < 20_000; step++)
        {
            var machine = machines[dice.Next(machines.Length)];
            switch (dice.Next(3))
            {
                case 0 when machine.Left > 0:
                    (machine.Left, machine.UnderWay) = (machine.Left - 1, machine.UnderWay + 1);
                    break;
                case 1 when machine.UnderWay > 0:
                    (machine.UnderWay, written) = (machine.UnderWay - 1, written + 1);
                    break;
                default:
                    Assert.NotNull(TryAsk(machine.Name, [], underWay: machine.UnderWay, left: machine.Left));
                    var lent = _ledger.LendPages(machine.Name, dice.Next(40), Most - written);
                    // Every third answer is lost.
                    machine.Left = dice.Next(3) == 0 ? machine.Left : lent;
                    break;
            }
            Assert.InRange(written + machines.Sum(static one => one.UnderWay + one.Left), 0, Most);
        }
        Assert.Equal(Most, written);
    }

    private void Free(int hosts)
    {
        for (var host = 0; host < hosts; host++)
            _ledger.Free(host);
    }

    private long Later => _clock.GetTimestamp() + _clock.TimestampFrequency * 5;

    private int[] Ask(string machine, int[] held, int room = 32) => TryAsk(machine, held, room)!;

    private int[]? TryAsk(string machine, int[] held, int room = 32, int underWay = 0, int left = 0)
    {
        _ledger.Expire();
        var sequence = _sequences[machine] = _sequences.GetValueOrDefault(machine) + 1;
        return _ledger.Take(new CrawlRequest { Machine = machine, Name = machine, Sequence = sequence, Held = held, UnderWay = underWay, Left = left }, Later)
            ? _ledger.Lend(machine, room, Later)
            : null;
    }

    private sealed class Machine(string name)
    {
        public string Name { get; } = name;

        public int Left { get; set; }

        public int UnderWay { get; set; }
    }
}
