using System.Numerics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Comparison;

[Kernel("Less")]
internal sealed class Less : ComparisonKernel<Less.Relation>
{
    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x < y;
    }
}

[Kernel("LessEqual")]
internal sealed class LessEqual : ComparisonKernel<LessEqual.Relation>
{
    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x <= y;
    }
}

[Kernel("Greater")]
internal sealed class Greater : ComparisonKernel<Greater.Relation>
{
    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x > y;
    }
}

[Kernel("GreaterEqual")]
internal sealed class GreaterEqual : ComparisonKernel<GreaterEqual.Relation>
{
    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x >= y;
    }
}
