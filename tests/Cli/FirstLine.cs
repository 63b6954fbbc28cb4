using System.Text;

namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>Output whose first line can be waited for.</summary>
internal sealed class FirstLine : MemoryStream
{
    private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Task => _line.Task;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_line)
        {
            base.Write(buffer);
            var text = Encoding.UTF8.GetString(base.ToArray());
            if (text.IndexOf('\n') is >= 0 and var end)
                _line.TrySetResult(text[..end]);
        }
    }

    public override byte[] ToArray()
    {
        lock (_line)
            return base.ToArray();
    }
}
