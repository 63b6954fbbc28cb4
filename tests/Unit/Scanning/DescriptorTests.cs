using System.Net;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Wires in a process that can open nothing for a moment. Alone: the limit is the whole process's.</summary>
[Collection(nameof(DescriptorTests)), CollectionDefinition(nameof(DescriptorTests), DisableParallelization = true)]
public class DescriptorTests
{
    private static readonly ProbeAddress Here = new(IPAddress.Parse("127.0.0.3"));

    [Fact]
    public void Without_a_descriptor_no_segment_is_sent_and_nothing_is_said_about_the_host()
    {
        using var wire = LinuxSynWire.TryOpen(64);
        Assert.SkipWhen(wire is null && !Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") is null, "Segments by hand need CAP_NET_RAW.");
        Assert.NotNull(wire);
        Assert.Equal(ProbeAnswer.NoRoom, Without(() => wire.Send(0, Here, 80)));
        Assert.Equal(ProbeAnswer.Pending, wire.Send(0, Here, 80));
    }

    [Fact]
    public void Slots_that_a_moment_without_descriptors_cost_come_back()
    {
        foreach (var wire in (IProbeWire[])[new LinuxConnectWire(64, null), new LinuxDatagramWire(64, null, static _ => "hello"u8.ToArray())])
        {
            using (wire)
            {
                for (var slot = 0; slot < 3; slot++)
                    wire.Send(slot, Here, 9);
                Assert.Equal((ProbeAnswer.NoRoom, 3), (Without(() => wire.Send(3, Here, 9)), wire.Slots));
                wire.Regain();
                Assert.Equal(64, wire.Slots);
                Assert.NotEqual(ProbeAnswer.NoRoom, wire.Send(3, Here, 9));
            }
        }
    }

    [Fact]
    public void Slots_beyond_what_there_is_wait_and_the_lowest_comes_first_again()
    {
        var flights = new Flights(8);
        Assert.Equal((0, 1, 2), (flights.Take(8), flights.Take(8), flights.Take(8)));
        Assert.Equal(-1, flights.Take(3));
        flights.Return(1);
        Assert.Equal(1, flights.Take(3));
        flights.Return(2);
        Assert.Equal([2, 3, 4, 5, 6, 7, -1], (int[])[flights.Take(8), flights.Take(8), flights.Take(8), flights.Take(8), flights.Take(8), flights.Take(8), flights.Take(8)]);
    }

    private static T Without<T>(Func<T> act)
    {
        const int OpenFiles = 7; // RLIMIT_NOFILE
        var before = new ulong[2];
        Assert.Equal(0, GetLimit(OpenFiles, before));
        // Everything that is open stays; whatever is opened now would have a higher number.
        Assert.Equal(0, SetLimit(OpenFiles, [1, before[1]]));
        try
        {
            return act();
        }
        finally
        {
            Assert.Equal(0, SetLimit(OpenFiles, before));
        }
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static extern int GetLimit(int resource, [Out] ulong[] limits);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, ulong[] limits);
}
