using System.Net;
using System.Runtime.InteropServices;
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
        Assert.SkipWhen(wire is null, "Segments by hand need CAP_NET_RAW.");
        Assert.Equal(ProbeAnswer.NoRoom, Without(() => wire.Send(0, Here, 80)));
        Assert.Equal(ProbeAnswer.Pending, wire.Send(0, Here, 80));
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
