using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>A call that waits for its answer.</summary>
internal abstract class PendingCall
{
    /// <summary>The answer, or the end of the items.</summary>
    public abstract void Complete(Envelope answer);

    /// <summary>There will be none.</summary>
    public abstract void Fail(NetworkException reason);

    /// <summary>An item came; false where none was asked for.</summary>
    public virtual bool TryAdd(JsonElement item) => false;
}
