using System.Buffers;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh;

/// <summary>An open remote file, read and written at any offset. Thread-safe; calls do not wait for each other. Disposing closes it.</summary>
public sealed class SftpFile : IAsyncDisposable
{
    private readonly SftpFileSystem _files;
    private readonly byte[] _handle;
    private int _isClosed;

    internal SftpFile(SftpFileSystem files, string path, byte[] handle) => (_files, Path, _handle) = (files, path, handle);

    /// <summary>Its path, as it was opened by.</summary>
    public string Path { get; }

    internal byte[] Handle => _handle;

    internal SftpFileSystem FileSystem => _files;

    /// <summary>Reads bytes; fewer than asked for only at the end of the file, or where the server gives fewer.</summary>
    /// <param name="buffer">Where they go; not to be touched until the call is over.</param>
    /// <param name="offset">The first byte's place in the file.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How many came; 0 at the end of the file.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (buffer.IsEmpty)
            return 0;
        // Into memory of our own: what was given up may still arrive.
        var bytes = new byte[Math.Min(buffer.Length, _files.Connection.Limits.ReadBytes)];
        var count = await _files.Connection.WithinIdleAsync(FetchAsync(bytes, offset, cancellationToken), cancellationToken).ConfigureAwait(false);
        bytes.AsSpan(0, count).CopyTo(buffer.Span);
        return count;
    }

    /// <summary>Writes bytes, all of them.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="offset">Where they go in the file.</param>
    /// <param name="cancellationToken">Cancels the wait; what was given may be written all the same, as it was then.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, _files.Connection.Limits.WriteBytes)];
            await _files.Connection.WithinIdleAsync(StoreAsync(part, offset, cancellationToken), cancellationToken).ConfigureAwait(false);
            (buffer, offset) = (buffer[part.Length..], offset + part.Length);
        }
    }

    /// <summary>Its attributes now.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<SftpAttributes> GetAttributesAsync(CancellationToken cancellationToken = default) =>
        _files.AskAttributesAsync(new SftpRequest(SftpNumbers.FStat).String(_handle), "looked at", Path, cancellationToken);

    /// <summary>Changes attributes; what is null stays. A size cuts it or fills it up with zeros.</summary>
    /// <param name="attributes">What to change.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task SetAttributesAsync(SftpAttributes attributes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        return _files.AskOkAsync(new SftpRequest(SftpNumbers.FSetStat).String(_handle).Raw(new WireWriter().Write(attributes).Written), "changed", Path, cancellationToken);
    }

    /// <summary>Has the server put what was written on its disk (<c>fsync@openssh.com</c>).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="SftpException">The server does not offer it (<c>sftp.unsupported</c>).</exception>
    public Task SyncAsync(CancellationToken cancellationToken = default)
    {
        _files.Demand(SftpNumbers.FSync);
        return _files.AskOkAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.FSync).String(_handle), "made durable", Path, cancellationToken);
    }

    /// <summary>Closes it; an error that the server kept until now comes here.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            await _files.AskOkAsync(new SftpRequest(SftpNumbers.Close).String(_handle), "closed", Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes it, whatever the server says to that.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            await _files.Connection.TidyAsync(new SftpRequest(SftpNumbers.Close).String(_handle)).ConfigureAwait(false);
    }

    /// <summary>Reads bytes into memory that nobody else touches until the call is over; how many came.</summary>
    internal async Task<int> FetchAsync(Memory<byte> own, long offset, CancellationToken cancellationToken)
    {
        var reply = await _files.Connection.BeginReadAsync(_handle, offset, own, cancellationToken).ConfigureAwait(false);
        await reply.Task.ConfigureAwait(false);
        var count = ReadCount(reply);
        _files.Connection.Return(reply);
        return count;
    }

    // The caller may leave before the last byte is on its way, and use its memory for something else: what is sent is a copy.
    private async Task<int> StoreAsync(ReadOnlyMemory<byte> part, long offset, CancellationToken cancellationToken)
    {
        var copy = ArrayPool<byte>.Shared.Rent(part.Length);
        SftpReply reply;
        try
        {
            part.CopyTo(copy);
            reply = await _files.Connection.BeginWriteAsync(_handle, offset, copy.AsMemory(0, part.Length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
        await reply.Task.ConfigureAwait(false);
        DemandOk(reply, "written");
        _files.Connection.Return(reply);
        return part.Length;
    }

    internal int ReadCount(SftpReply reply)
    {
        if (reply.Type == SftpNumbers.Data)
            return reply.Count > 0 ? reply.Count : throw SftpFailure.Malformed(_files.Endpoint, "no bytes came, and no end of the file.", null);
        var (status, words) = _files.ReadStatus(reply.Type, reply.Body);
        return status == SftpNumbers.EndOfFile ? 0 : throw SftpFailure.OfStatus(_files.Endpoint, status, words, "read", Path);
    }

    internal void DemandOk(SftpReply reply, string what)
    {
        var (status, words) = _files.ReadStatus(reply.Type, reply.Body);
        if (status != SftpNumbers.Ok)
            throw SftpFailure.OfStatus(_files.Endpoint, status, words, what, Path);
    }
}
