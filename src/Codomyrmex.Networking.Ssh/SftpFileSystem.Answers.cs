using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SftpFileSystem
{
    private delegate T Reading<T>(ref WireReader reader);

    internal bool Offers(string extension) => Extensions.ContainsKey(extension);

    internal void Demand(string extension)
    {
        if (!Offers(extension))
            throw SftpFailure.Unsupported(Endpoint, extension);
    }

    internal async Task AskOkAsync(SftpRequest request, string what, string path, CancellationToken cancellationToken)
    {
        var (type, body) = await Connection.AskAsync(request, cancellationToken).ConfigureAwait(false);
        var (status, words) = ReadStatus(type, body);
        if (status != SftpNumbers.Ok)
            throw SftpFailure.OfStatus(Endpoint, status, words, what, path);
    }

    internal async Task<SftpAttributes> AskAttributesAsync(SftpRequest request, string what, string path, CancellationToken cancellationToken) =>
        ReadAttributes(await Connection.AskAsync(request, cancellationToken).ConfigureAwait(false), what, path);

    internal (uint Code, string Words) ReadStatus(byte type, byte[] body)
    {
        if (type != SftpNumbers.Status)
            throw SftpFailure.Malformed(Endpoint, $"an answer of type {type} came where a status was due.", null);
        try
        {
            var reader = new WireReader(body);
            return SftpText.Status(ref reader);
        }
        catch (FormatException malformed)
        {
            throw SftpFailure.Malformed(Endpoint, malformed.Message, malformed);
        }
    }

    private async Task<byte[]> AskHandleAsync(SftpRequest request, string path, CancellationToken cancellationToken) =>
        Read(await Connection.AskAsync(request, cancellationToken).ConfigureAwait(false), SftpNumbers.Handle, "opened", path,
            static (ref WireReader reader) => reader.String() is { Length: > 0 and <= 256 } handle ? handle.ToArray() : throw new FormatException("A handle of no or too many bytes."));

    private async Task<string> AskNameAsync(SftpRequest request, string what, string path, CancellationToken cancellationToken) =>
        ReadNames(await Connection.AskAsync(request, cancellationToken).ConfigureAwait(false), what, path) is [var only] ? only.Name : throw SftpFailure.Malformed(Endpoint, "it answered with other than one name.", null);

    private SftpAttributes ReadAttributes((byte Type, byte[] Body) answer, string what, string path) => Read(answer, SftpNumbers.Attributes, what, path, SftpText.Attributes);

    private IReadOnlyList<(string Name, SftpAttributes Attributes)> ReadNames((byte Type, byte[] Body) answer, string what, string path) => Read(answer, SftpNumbers.Name, what, path, SftpText.Names);

    private T Read<T>((byte Type, byte[] Body) answer, byte expected, string what, string path, Reading<T> read)
    {
        if (answer.Type == SftpNumbers.Status)
        {
            var (status, words) = ReadStatus(answer.Type, answer.Body);
            throw SftpFailure.OfStatus(Endpoint, status, words, what, path);
        }
        if (answer.Type != expected)
            throw SftpFailure.Malformed(Endpoint, $"an answer of type {answer.Type} came where {expected} was due.", null);
        try
        {
            var reader = new WireReader(answer.Body);
            return read(ref reader);
        }
        catch (FormatException malformed)
        {
            throw SftpFailure.Malformed(Endpoint, malformed.Message, malformed);
        }
    }
}
