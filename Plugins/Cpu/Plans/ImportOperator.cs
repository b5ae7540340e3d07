using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Copies a tensor into the arena.</summary>
internal sealed class ImportOperator(int slot, PlanTensor expected, PlanBuffer target) : Operator
{
    public override ImmutableArray<PlanBuffer> Reads => [];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        var tensor = run.Tensors[slot]!;
        if (tensor.Type != expected.Type || !tensor.Shape.Dimensions.AsSpan().SequenceEqual(expected.Shape.Dimensions.AsSpan()))
        {
            throw new ExecutionException(StatusKind.Internal,
                $"node '{Node.Name}' ({Node.Op}): its kernel gave {tensor} where its shape rule says {expected.Type.Name()}{expected.Shape}; correct InferShapes of the op's kernel", Node.Name);
        }
        tensor.Bytes.Span.CopyTo(run.Bytes(target));
    }
}
