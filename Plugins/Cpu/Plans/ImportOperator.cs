using System.Collections.Immutable;

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
            throw new PlanMismatchException($"{Node.Name}: {tensor} for {expected.Type}{expected.Shape}");
        tensor.Bytes.Span.CopyTo(run.Bytes(target));
    }
}
