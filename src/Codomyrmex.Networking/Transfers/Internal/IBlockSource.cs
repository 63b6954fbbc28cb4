namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>A body whose bytes lie in memory already, with more on their way whether or not anybody waits: they are written from where they are.</summary>
internal interface IBlockSource
{
    /// <summary>The next bytes, valid until they are asked for again; empty at the end.</summary>
    ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken);
}
