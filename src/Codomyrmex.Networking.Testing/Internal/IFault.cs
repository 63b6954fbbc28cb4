namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>What <see cref="FaultList{TFault}"/> asks a fault, of whatever protocol.</summary>
internal interface IFault
{
    int? Connection { get; }

    int? Times { get; }

    double Chance { get; }
}
