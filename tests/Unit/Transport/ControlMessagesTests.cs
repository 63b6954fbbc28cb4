using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public sealed class ControlMessagesTests
{
    private static byte[] Message(int level, int type, params byte[] data)
    {
        var bytes = new byte[ControlMessages.Space(data.Length)];
        ControlMessages.Write(bytes, level, type, data);
        return bytes;
    }

    private static byte[] Int(int value) => BitConverter.GetBytes(value);

    [Fact]
    public void Message_is_found_behind_others()
    {
        byte[] control = [.. Message(1, 2, 3), .. Message(17, 104, Int(1200)), .. Message(0, 11, new byte[16])];
        Assert.Equal(1200, ControlMessages.SegmentLength(control));
        Assert.True(ControlMessages.TryFind(control, 1, 2, out var data));
        Assert.Equal([3], data.ToArray());
        Assert.False(ControlMessages.TryFind(control, 1, 3, out _));
    }

    [Fact]
    public void Error_is_read_of_either_family()
    {
        foreach (var (level, type) in ((int, int)[])[(0, 11), (41, 25)])
        {
            Assert.True(ControlMessages.TryReadError(Message(level, type, [.. Int(90), 2, 3, 4, 0, .. Int(1280), .. Int(0)]), out var errno, out var limit));
            Assert.Equal((90, 1280), (errno, limit));
            Assert.False(ControlMessages.TryReadError(Message(level, type, new byte[15]), out _, out _));
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(15L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    public void Length_that_lies_ends_the_search(long length)
    {
        var control = Message(17, 104, Int(1200));
        MemoryMarshal.Write(control, length);
        Assert.Equal(0, ControlMessages.SegmentLength(control));
    }
}
