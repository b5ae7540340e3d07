using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Cpu.Kernels.Movement;

namespace TransformFramework.Cpu.Plans.Operators.Movement;

/// <summary>Elements of a tensor in another order.</summary>
internal sealed class StridedCopyOperator(StridedCopy copy, int elementBytes, PlanBuffer source, PlanBuffer target) : Operator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        Span<byte> from = run.Bytes(source);
        Span<byte> to = run.Bytes(target);
        switch (elementBytes)
        {
            case 1:
                copy.Run<byte>(from, to);
                break;
            case sizeof(ushort):
                copy.Run<ushort>(MemoryMarshal.Cast<byte, ushort>(from), MemoryMarshal.Cast<byte, ushort>(to));
                break;
            case sizeof(uint):
                copy.Run<uint>(MemoryMarshal.Cast<byte, uint>(from), MemoryMarshal.Cast<byte, uint>(to));
                break;
            default:
                copy.Run<ulong>(MemoryMarshal.Cast<byte, ulong>(from), MemoryMarshal.Cast<byte, ulong>(to));
                break;
        }
    }
}
