using System.Globalization;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A remote file for the transfer engine that HTTP uses too. Its version is its size and time; a file that changes while it is read is noticed at its end.</summary>
internal sealed class SftpRemoteFile(SSHClient client, string path, Deadline deadline, RetryBudget budget) : RemoteFile
{
    public override string Source => $"sftp://{client.Username}@{client.Endpoint}{(path.StartsWith('/') ? "" : "/~/")}{path}";

    public override Endpoint Endpoint => client.Endpoint;

    public override TimeProvider Clock => client.Options.Clock;

    // A connection that is not made again cannot go on either.
    public override RetryOptions Retry => client.Options.Reconnect ? client.Options.Retry : RetryOptions.None;

    public override RetryBudget? Budget => budget;

    public override Deadline Deadline => deadline;

    public override bool RefusesRanges => false;

    /// <summary>The file as it was opened last.</summary>
    public SftpAttributes? Attributes { get; private set; }

    public override async Task<RemotePart> OpenAsync(long from, long? to, string? validator, CancellationToken cancellationToken)
    {
        var files = await client.FilesAsync(cancellationToken).ConfigureAwait(false);
        var file = await files.OpenAsync(path, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        try
        {
            var attributes = Attributes = await file.GetAttributesAsync(cancellationToken).ConfigureAwait(false);
            if (attributes.Kind is SftpFileKind.Directory or SftpFileKind.Special)
                throw SftpFailure.Fail(ErrorCodes.SftpFailure, Endpoint, $"'{Printable.Text(path)}' on {Endpoint} is no file that could be fetched.");
            var version = VersionOf(attributes);
            // Another version than the one that was begun: from its beginning.
            if (validator is not null && validator != version)
                (from, to) = (0, null);
            var body = new SftpReadStream(files, file, from, to, attributes.Size);
            return new RemotePart(new CheckedStream(body, file, this, to is null ? version : null, attributes.Size - from), body)
            {
                From = from,
                To = to,
                Total = attributes.Size,
                Validator = version,
                HasRanges = true,
                SuggestedName = RemotePath.Name(path),
            };
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override NetworkException EndedEarly(long at, long expected) => SftpFailure.Truncated(Endpoint, path, at, expected);

    private static string? VersionOf(SftpAttributes attributes) => attributes is { Size: { } size, Modified: { } modified }
        ? string.Create(CultureInfo.InvariantCulture, $"{size}-{modified.ToUnixTimeSeconds()}")
        : null;

    private NetworkException Changed() => SftpFailure.Fail(ErrorCodes.TransferChanged, Endpoint, $"'{Printable.Text(path)}' on {Endpoint} changed while it was fetched.");

    /// <summary>
    /// Looks at the file once more with its last byte: the bytes are worth something only if it ends there, and is still the one that was opened. Whoever reads knows the size, and may not read on.
    /// </summary>
    private sealed class CheckedStream(SftpReadStream inner, SftpFile file, SftpRemoteFile remote, string? version, long? length) : Stream, IBlockSource
    {
        private long? _left = length;

        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            await PassAsync(count, cancellationToken).ConfigureAwait(false);
            return count;
        }

        public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
        {
            var block = await inner.NextAsync(cancellationToken).ConfigureAwait(false);
            await PassAsync(block.Length, cancellationToken).ConfigureAwait(false);
            return block;
        }

        private async ValueTask PassAsync(int count, CancellationToken cancellationToken)
        {
            _left -= count;
            if (_left != 0 || count == 0 || version is null)
                return;
            var now = file.GetAttributesAsync(cancellationToken);
            var more = await inner.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            if (more > 0 || VersionOf(await now.ConfigureAwait(false)) != version)
                throw remote.Changed();
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
