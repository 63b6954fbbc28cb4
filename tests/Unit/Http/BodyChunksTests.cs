using System.Text;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A line that arrives in two reads lies in one piece, and nothing is held back that a reader could do something with.</summary>
public class BodyChunksTests
{
    private static readonly Endpoint Host = new("x.test", 80);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1448)]
    [InlineData(5000)]
    [InlineData(16 * 1024)]
    public async Task Lines_are_the_same_however_they_arrive(int piece)
    {
        var lines = Enumerable.Range(0, 400).Select(i => new string((char)('a' + (i % 26)), i % 50 == 49 ? 20_000 : i)).ToList();
        var text = string.Concat(lines.Select((line, i) => line + (i % 3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" }));
        using var reader = new PieceReader(new Pieces(Encoding.ASCII.GetBytes(text + "rest"), piece), new LineSplitter(100_000, Host), 100_000);
        var seen = new List<string>();
        do
        {
            while (reader.TryRead(out var line))
                seen.Add(Encoding.ASCII.GetString(line));
        }
        while (await reader.FillAsync(TestContext.Current.CancellationToken));
        Assert.Equal([.. lines, "rest"], seen);
    }

    [Fact]
    public async Task The_beginning_of_a_line_waits_for_its_rest()
    {
        using var chunks = new BodyChunks(new Pieces("ab\ncd\nef\n"u8.ToArray(), 5), 100);
        Assert.True(await chunks.FillAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ab\n", Encoding.ASCII.GetString(chunks.Unread));
        Assert.True(await chunks.FillAsync(TestContext.Current.CancellationToken));
        Assert.Equal("cd\nef\n", Encoding.ASCII.GetString(chunks.Unread));
        Assert.False(await chunks.FillAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_end_leaves_unfinished_is_given_out()
    {
        using var chunks = new BodyChunks(new Pieces("ab\ncd"u8.ToArray(), 5), 100);
        Assert.True(await chunks.FillAsync(TestContext.Current.CancellationToken));
        Assert.True(await chunks.FillAsync(TestContext.Current.CancellationToken));
        Assert.Equal("cd", Encoding.ASCII.GetString(chunks.Unread));
        Assert.False(await chunks.FillAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(9_000)]
    [InlineData(40_000)]
    public async Task A_line_without_an_end_is_refused_with_the_first_byte_too_many(int limit)
    {
        var body = new Pieces(Encoding.ASCII.GetBytes("short\n" + new string('x', 100_000)), 1);
        using var reader = new PieceReader(body, new LineSplitter(limit, Host), limit);
        await Assert.ThrowsAsync<HTTPException>(async () =>
        {
            do
            {
                while (reader.TryRead(out _))
                {
                }
            }
            while (await reader.FillAsync(TestContext.Current.CancellationToken));
        });
        Assert.Equal("short\n".Length + limit + 1, body.Given);
    }

    private sealed class Pieces(byte[] body, int piece) : ReadOnlyStream
    {
        public int Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(piece, buffer.Length), body.Length - Given);
            body.AsSpan(Given, count).CopyTo(buffer.Span);
            Given += count;
            return ValueTask.FromResult(count);
        }
    }
}
