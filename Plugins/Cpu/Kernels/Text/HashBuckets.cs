using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>The hash of each string modulo the number of buckets: FarmHash (Fast), SipHash (Strong), Murmur (the first op).</summary>
[Kernel("StringToHashBucket", "StringToHashBucketFast", "StringToHashBucketStrong")]
internal sealed class HashBuckets : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        ulong buckets = (ulong)call.Node.Long("num_buckets");
        Func<ReadOnlyMemory<byte>, ulong> hash = call.Node.Op switch
        {
            "StringToHashBucketStrong" => Keyed(call.Node),
            "StringToHashBucketFast" => text => Fingerprint.Of(text.Span),
            _ => text => NodeHash.Hash(text.Span),
        };
        return [Integers.Write(DataType.Int64, input.Shape, [.. input.Strings.Select(text => (long)(hash(text) % buckets))])];
    }

    private static Func<ReadOnlyMemory<byte>, ulong> Keyed(Node node)
    {
        long[] key = node.Longs("key");
        return key.Length == 2
            ? text => SipHash.Of(text.Span, (ulong)key[0], (ulong)key[1])
            : throw Refuse.Invalid($"Key must have 2 elements, not {key.Length}");
    }
}
