using System.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LookupTables;

[Kernel(
    "HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2", "MutableDenseHashTable", "MutableDenseHashTableV2", "AnonymousHashTable", "AnonymousMutableHashTable",
    "AnonymousMutableDenseHashTable")]
internal sealed class LookupTableCreate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        string handle = call.Node.Op.StartsWith("Anonymous", StringComparison.Ordinal) ? call.State.NewHandle("table") : SharedName(call.Node);
        bool isMutable = call.Node.Op.Contains("Mutable", StringComparison.Ordinal);
        call.State.GetOrAdd(handle, () => new LookupTable(call.Node.Type("key_dtype"), call.Node.Type("value_dtype"), isMutable));
        return [Tensor.FromStrings(TensorShape.Scalar, [Encoding.UTF8.GetBytes(handle)])];
    }

    private static string SharedName(Node node)
    {
        string shared = node.Text("shared_name");
        return $"table {node.Text("container")}/{(shared.Length > 0 ? shared : node.Name)}";
    }
}

/// <summary>Puts in keys and values; Import puts them in the place of all that the table holds.</summary>
[Kernel("InitializeTable", "InitializeTableV2", "LookupTableImport", "LookupTableImportV2", "LookupTableInsert", "LookupTableInsertV2")]
internal sealed class LookupTableInsert : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        LookupTable.Of(call).Insert(call.Inputs[1], call.Inputs[2], replacesAll: call.Node.Op.StartsWith("LookupTableImport", StringComparison.Ordinal));
        return [];
    }
}

[Kernel("LookupTableRemoveV2")]
internal sealed class LookupTableRemove : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        LookupTable.Of(call).Remove(call.Inputs[1]);
        return [];
    }
}

[Kernel("LookupTableFind", "LookupTableFindV2")]
internal sealed class LookupTableFind : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call) => [LookupTable.Of(call).Find(call.Inputs[1], call.Inputs[2])];
}

[Kernel("LookupTableSize", "LookupTableSizeV2")]
internal sealed class LookupTableSize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call) => [Integers.Write(DataType.Int64, TensorShape.Scalar, [LookupTable.Of(call).Count])];
}

[Kernel("LookupTableExport", "LookupTableExportV2")]
internal sealed class LookupTableExport : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var (keys, values) = LookupTable.Of(call).Export();
        return [keys, values];
    }
}
