using System.Net;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

public class ScanEngineTests
{
    private static readonly TimeSpan Near = TimeSpan.FromMilliseconds(5);
    private static readonly PortScannerOptions Fast = new() { ProbesPerSecond = PortScannerOptions.Unlimited };

    [Fact]
    public void Every_port_is_asked_once_where_each_answers()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, port) => (port % 10 == 0 ? ProbeAnswer.Connected : ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-60");
        Assert.Equal([10, 20, 30, 40, 50, 60], run.Ports(PortState.Open));
        Assert.Equal(54, run.Counts.Closed);
        Assert.Equal(60, run.Network.Asked.Count);
    }

    [Fact]
    public void Order_is_shuffled_and_the_same_for_the_same_seed()
    {
        static int[] Order(ulong seed) => [.. new EngineRun().Scan("192.0.2.1", "1-50", seed: seed).Network.Asked.Select(asked => asked.Port)];
        Assert.NotEqual(Enumerable.Range(1, 50), Order(7));
        Assert.Equal(Order(7), Order(7));
        Assert.NotEqual(Order(7), Order(8));
    }

    [Fact]
    public void Silent_port_is_asked_as_often_as_retries_say_and_is_filtered()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, port) => port == 7 ? null : (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-50", Fast with { Retries = 3, MaxRetries = 3 });
        Assert.Equal(4, run.Network.Asked.Count(asked => asked.Port == 7));
        Assert.Equal((PortState.Filtered, PortReason.Timeout), Assert.Single(run.Found, found => found.Port == 7).Finding switch { var f => (f.State, f.Reason) });
    }

    [Fact]
    public void Wait_for_an_answer_follows_the_round_trips_seen()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, port) => port == 7 ? null : (ProbeAnswer.Refused, TimeSpan.FromMilliseconds(200));
        run.Scan("192.0.2.1", "1-50", Fast with { Retries = 1 });
        var asked = run.Network.Asked.Where(asked => asked.Port == 7).Select(asked => asked.At).ToArray();
        // RFC 6298: the smoothed round trip and four times its variation, which shrinks as they are alike; far from the initial second.
        Assert.InRange(asked[1] - asked[0], TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public void Silent_host_costs_the_initial_wait_and_its_repeats()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => null;
        run.Scan("192.0.2.1", "1-50");
        Assert.Equal(50, run.Ports(PortState.Filtered).Length);
        Assert.InRange(run.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void First_probes_are_few_until_the_host_answers()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, TimeSpan.FromMilliseconds(100));
        run.Scan("192.0.2.1", "1-500");
        Assert.Equal(8, run.Network.Asked.Count(asked => asked.At < run.Network.Asked[0].At + TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public void Rate_holds()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-500", new PortScannerOptions { ProbesPerSecond = 100 });
        Assert.InRange(run.Elapsed, TimeSpan.FromSeconds(4.9), TimeSpan.FromSeconds(5.6));
    }

    [Theory]
    [InlineData("127.0.0.1", 0, 0.2)]
    [InlineData("10.0.0.1", 0.35, 0.6)]
    [InlineData("8.8.8.8", 1.9, 2.4)]
    public void Default_rate_is_polite_and_depends_on_whose_the_address_is(string address, double least, double most)
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, TimeSpan.FromTicks(1));
        run.Scan(address, "1-2000", new PortScannerOptions());
        Assert.InRange(run.Elapsed.TotalSeconds, least, most);
    }

    [Fact]
    public void Caps_in_flight_hold_for_all_for_a_host_and_for_a_network()
    {
        var all = new EngineRun();
        all.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        all.Scan("192.0.2.1", "1-500", Fast with { InFlight = 5 });
        Assert.Equal(5, all.Network.MostAtOnce);

        var host = new EngineRun();
        host.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        host.Scan("192.0.2.0-3", "1-100", Fast with { InFlightPerHost = 2 });
        Assert.Equal(8, host.Network.MostAtOnce);

        var network = new EngineRun();
        network.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        network.Scan("192.0.2.254-192.0.3.1", "1-100", Fast with { InFlightPerNetwork = 3 });
        Assert.Equal(6, network.Network.MostAtOnce);
    }

    [Fact]
    public void Rate_per_host_holds()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1-2", "1-100", Fast with { ProbesPerSecondPerHost = 50 });
        Assert.InRange(run.Elapsed.TotalSeconds, 1.9, 2.4);
    }

    [Fact]
    public void Rate_per_network_holds()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.254-192.0.3.1", "1-50", Fast with { ProbesPerSecondPerNetwork = 50 });
        Assert.InRange(run.Elapsed.TotalSeconds, 1.9, 2.4);
    }

    [Fact]
    public void What_is_known_already_is_neither_asked_nor_reported()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1-2", "1-10", known: static (address, _, port) => address.ToString() == "192.0.2.1" || port > 3);
        Assert.Equal([1, 2, 3], run.Ports(PortState.Closed));
        Assert.Equal(3, run.Network.Asked.Count);
    }

    [Fact]
    public void Echoes_keep_to_the_rate_as_probes_do()
    {
        var run = new EngineRun { SendsEchoes = true };
        run.Network.Answers = static (_, _) => null;
        run.Scan("192.0.2.0/25", "1-3", new PortScannerOptions { ProbesPerSecond = 100, Discovery = HostDiscovery.Always });
        Assert.Equal(128, run.Network.Asked.Count(static asked => asked.Port == 0));
        var at = run.Network.Asked.Select(static asked => asked.At).ToArray();
        Assert.All(at, start => Assert.InRange(at.Count(other => other >= start && other < start + TimeSpan.FromSeconds(1)), 1, 102));
    }

    [Fact]
    public void Lent_rate_holds_while_it_is_lent_and_nothing_is_sent_afterwards()
    {
        var run = new EngineRun();
        var pace = new LeasedPace(run.Clock);
        pace.Allow(100, run.Clock.GetTimestamp() + run.Clock.TimestampFrequency);
        run.Network.Answers = (_, _) => (ProbeAnswer.Refused, Near);
        using var _ = run.Clock.CreateTimer(__ => pace.Allow(1000, run.Clock.GetTimestamp() + run.Clock.TimestampFrequency), null, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
        run.Scan("192.0.2.1", "1-300", Fast with { Pace = pace });
        var after = run.Network.Asked.Select(asked => asked.At - run.Network.Asked[0].At).ToArray();
        Assert.Equal(300, run.Counts.Closed);
        Assert.InRange(after.Count(static at => at < TimeSpan.FromSeconds(1)), 80, 101);
        Assert.DoesNotContain(after, static at => at > TimeSpan.FromSeconds(1.01) && at < TimeSpan.FromSeconds(2.9));
        Assert.InRange(run.Elapsed.TotalSeconds, 3.1, 4.9);
    }

    [Fact]
    public void No_descriptor_and_no_local_port_are_never_closed()
    {
        var run = new EngineRun();
        var refusals = 0;
        run.Network.Answers = (_, port) => port % 3 == 0 && refusals++ < 30 ? (ProbeAnswer.NoRoom, TimeSpan.Zero) : (port == 33 ? ProbeAnswer.Connected : ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-60");
        Assert.Equal([33], run.Ports(PortState.Open));
        Assert.Equal(59, run.Counts.Closed);
        Assert.Contains(run.Notes, static note => note.Kind == ScanNoteKind.LocalPorts);
    }

    [Fact]
    public void Fewer_descriptors_than_thought_are_made_do_with()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, Near);
        run.Network.Slots = run.Network.MostSlots = 3;
        run.Scan("192.0.2.1", "1-60");
        Assert.Equal(60, run.Counts.Closed);
        Assert.Equal(3, run.Network.MostAtOnce);
    }

    [Fact]
    public void No_descriptor_at_all_is_an_error_and_not_a_result()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.NoRoom, TimeSpan.Zero);
        Assert.Equal(ErrorCodes.LocalDescriptors, Assert.ThrowsAny<NetworkException>(() => run.Scan("192.0.2.1", "1-60")).Code);
        Assert.Empty(run.Found);
    }

    [Fact]
    public void Moment_without_descriptors_does_not_slow_the_rest_of_the_scan()
    {
        var run = new EngineRun();
        run.Network.Answers = (_, _) =>
        {
            if (run.Network.Asked.Count != 20)
                return (ProbeAnswer.Refused, TimeSpan.FromMilliseconds(100));
            run.Network.Slots = 3;
            return (ProbeAnswer.NoRoom, TimeSpan.Zero);
        };
        // Its 2,000 ports three at a time would take more than a minute.
        run.Scan("192.0.2.1", "1-2000");
        Assert.Equal(2000, run.Counts.Closed);
        Assert.InRange(run.Network.MostAtOnce, 100, 1024);
        Assert.InRange(run.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Wire_that_learns_only_later_of_no_descriptor_is_not_asked_again_at_once()
    {
        var run = new EngineRun();
        var start = run.Clock.GetUtcNow();
        run.Network.Answers = (_, _) => (run.Clock.GetUtcNow() - start < TimeSpan.FromSeconds(2) ? ProbeAnswer.NoRoom : ProbeAnswer.Refused, TimeSpan.FromMilliseconds(1));
        run.Scan("127.0.0.1", "1-60");
        Assert.Equal(60, run.Counts.Closed);
        // Two seconds of 5, 10, 20 … 160 milliseconds, and the answers at last.
        Assert.InRange(run.Network.Asked.Count, 120, 60 * 20);
        Assert.Contains(run.Notes, static note => note.Kind == ScanNoteKind.LocalPorts);
    }

    [Fact]
    public void Wire_that_learns_only_later_that_there_is_no_descriptor_at_all_is_an_error_too()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.NoRoom, TimeSpan.FromMilliseconds(1));
        Assert.Equal(ErrorCodes.LocalDescriptors, Assert.ThrowsAny<NetworkException>(() => run.Scan("192.0.2.1", "1-60")).Code);
        Assert.Empty(run.Found);
    }

    [Fact]
    public void Connection_to_itself_says_nothing_and_the_port_is_asked_again()
    {
        var run = new EngineRun();
        var met = false;
        run.Network.Answers = (_, port) =>
        {
            if (port != 40 || met)
                return (ProbeAnswer.Refused, Near);
            met = true;
            return (ProbeAnswer.MetItself, Near);
        };
        run.Scan("127.0.0.1", "1-60");
        Assert.Equal(60, run.Counts.Closed);
        Assert.Equal(0, run.Counts.Open);
    }

    [Fact]
    public void Lost_packets_make_silent_ports_be_asked_more_often()
    {
        var run = new EngineRun();
        var random = new Lcg(42);
        run.Network.Answers = (_, port) => port > 400 || random.Next(100) < 20 ? null : (port % 100 == 0 ? ProbeAnswer.Connected : ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-410");
        Assert.Equal([100, 200, 300, 400], run.Ports(PortState.Open));
        Assert.Equal(396, run.Counts.Closed);
        Assert.InRange(run.Network.Asked.Count(asked => asked.Port == 405), 6, 11);
        Assert.InRange(run.Loss.Share, 0.1, 0.3);
    }

    [Fact]
    public void Canaries_measure_the_recall_while_the_scan_goes_on()
    {
        var run = new EngineRun();
        var random = new Lcg(7);
        run.Network.Answers = (_, port) => random.Next(100) < 30 ? null : (port % 100 == 0 ? ProbeAnswer.Connected : ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-4000");
        Assert.InRange(run.Counts.Canaries, 10, 400);
        Assert.InRange(run.Counts.Recall, 0.5, 0.9);
        Assert.Equal(40, run.Counts.Open);
    }

    [Fact]
    public void Rate_falls_when_canaries_vanish_until_the_network_carries_it()
    {
        var run = new EngineRun();
        // Room for 20 a millisecond; what comes beyond is lost.
        var (window, inWindow) = (0L, 0);
        run.Network.Answers = (_, port) =>
        {
            var now = (long)(run.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds / 10;
            (window, inWindow) = now == window ? (window, inWindow + 1) : (now, 1);
            return inWindow > 20 ? null : (port % 100 == 0 ? ProbeAnswer.Connected : ProbeAnswer.Refused, TimeSpan.FromMilliseconds(40));
        };
        run.Scan("192.0.2.1", "1-8000", Fast with { InFlight = 1024 });
        Assert.Equal(80, run.Counts.Open);
        Assert.Equal(7920, run.Counts.Closed);
        Assert.InRange(run.Counts.Sent, 8000, 16000);
    }

    [Fact]
    public void Host_that_falls_silent_is_noted()
    {
        var run = new EngineRun();
        var answered = 0;
        run.Network.Answers = (_, _) => answered++ < 600 ? (ProbeAnswer.Refused, Near) : null;
        run.Scan("192.0.2.1", "1-2000");
        Assert.Contains(run.Notes, static note => note.Kind == ScanNoteKind.HostLost);
        Assert.Equal(2000, run.Found.Count);
    }

    [Fact]
    public void Host_that_was_away_for_a_moment_is_asked_again_about_that_time()
    {
        var run = new EngineRun();
        run.Network.Answers = (_, port) => run.Network.Asked.Count is > 400 and < 1200 ? null : (port % 50 == 0 ? ProbeAnswer.Connected : ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-2000", new PortScannerOptions { ProbesPerSecond = 2000 });
        Assert.Equal(40, run.Counts.Open);
        Assert.Equal(1960, run.Counts.Closed);
    }

    [Fact]
    public void Everything_open_is_recognised_and_doubted()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Connected, Near);
        run.Scan("192.0.2.1", "1-200");
        Assert.Contains(run.Notes, static note => note.Kind == ScanNoteKind.EverythingOpen);
        Assert.Equal(200, run.Counts.Open);
        Assert.InRange(run.Network.Asked.Count, 350, 410);
    }

    [Fact]
    public void Doubted_port_that_does_not_answer_again_is_not_open()
    {
        var run = new EngineRun();
        var asked = new HashSet<int>();
        run.Network.Answers = (_, port) => port <= 30 && asked.Add(port) ? (ProbeAnswer.Connected, Near) : (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.1", "1-40", Fast with { Verification = ScanVerification.All });
        Assert.Empty(run.Ports(PortState.Open));
        Assert.Equal(40, run.Counts.Closed);
    }

    [Fact]
    public void Open_ports_are_asked_once_where_nobody_wants_them_verified()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, _) => (ProbeAnswer.Connected, Near);
        run.Scan("192.0.2.1", "1-50", Fast with { Verification = ScanVerification.None });
        Assert.Equal(50, run.Network.Asked.Count);
    }

    [Fact]
    public void Hosts_without_a_sign_of_life_are_not_scanned()
    {
        var run = new EngineRun();
        run.Network.Answers = static (address, port) => !address.Equals(IPAddress.Parse("192.0.2.5")) ? null : (ProbeAnswer.Refused, Near);
        run.Scan("192.0.2.0/28", "1000-1099", Fast with { Discovery = HostDiscovery.Always });
        Assert.Equal((1, 15, 1500), (run.Counts.HostsUp, run.Counts.HostsDown, run.Counts.Skipped));
        Assert.All(run.Network.Asked.Where(asked => asked.Port is >= 1000 and <= 1099), static asked => Assert.Equal("192.0.2.5", asked.Address.ToString()));
    }

    [Fact]
    public void Silent_UDP_port_is_open_or_filtered_and_a_port_unreachable_closed()
    {
        var run = new EngineRun();
        run.Network.Answers = static (_, port) => port switch { 53 => (ProbeAnswer.Replied, Near), 123 => null, _ => (ProbeAnswer.PortUnreachable, Near) };
        run.Scan("192.0.2.1", "u:50-60,u:123");
        Assert.Equal([53], run.Ports(PortState.Open));
        Assert.Equal([123], run.Ports(PortState.OpenOrFiltered));
        Assert.Equal(10, run.Counts.Closed);
    }

    [Fact]
    public void Host_that_limits_its_ICMP_messages_is_asked_slowly_enough_to_say_which_UDP_ports_are_closed()
    {
        var run = new EngineRun();
        var (tokens, at) = (6.0, run.Clock.GetUtcNow());
        run.Network.Answers = (_, port) =>
        {
            var now = run.Clock.GetUtcNow();
            (tokens, at) = (Math.Min(6, tokens + (now - at).TotalSeconds), now);
            if (port == 69 || tokens < 1)
                return null;
            tokens--;
            return (ProbeAnswer.PortUnreachable, Near);
        };
        run.Scan("192.0.2.1", "u:50-100");
        Assert.Equal([69], run.Ports(PortState.OpenOrFiltered));
        Assert.Equal(50, run.Counts.Closed);
    }

    [Fact]
    public void Scan_of_a_network_keeps_memory_for_the_hosts_under_way_alone()
    {
        var run = new EngineRun(4096);
        run.Network.Answers = static (_, _) => (ProbeAnswer.Refused, TimeSpan.FromTicks(1));
        run.Scan("10.1.0.0/20", "80", Fast);
        Assert.Equal(4096, run.Counts.HostsUp);
        Assert.Equal(4096, run.Network.Asked.Select(static asked => asked.Address).Distinct().Count());
    }

    /// <summary>A generator whose numbers are the same on every machine.</summary>
    private sealed class Lcg(ulong state)
    {
        public int Next(int below)
        {
            state = unchecked(state * 6364136223846793005 + 1442695040888963407);
            return (int)((state >> 33) % (ulong)below);
        }
    }
}
