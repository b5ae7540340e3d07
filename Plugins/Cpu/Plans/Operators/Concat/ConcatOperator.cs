using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Plans.Operators.Concat;

/// <summary>Joins tensors: a run of bytes of each in turn, as often as there are positions before the axis.</summary>
internal sealed unsafe class ConcatOperator(ImmutableArray<PlanBuffer> sources, ImmutableArray<int> runs, PlanBuffer target, int count) : Operator
{
    private readonly int rowBytes = runs.Sum();

    public override ImmutableArray<PlanBuffer> Reads => sources;

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        byte* start = run.Pointer(target);
        for (int s = 0; s < sources.Length; s++)
        {
            byte* source = run.Pointer(sources[s]);
            byte* place = start;
            for (int i = 0; i < count; i++)
            {
                Unsafe.CopyBlockUnaligned(place, source, (uint)runs[s]);
                source += runs[s];
                place += rowBytes;
            }
            start += runs[s];
        }
    }
}
