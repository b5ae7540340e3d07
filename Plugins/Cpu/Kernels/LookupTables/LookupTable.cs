using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LookupTables;

/// <summary>A table of the run from keys to values.</summary>
internal sealed class LookupTable(DataType keys, DataType values, bool isMutable)
{
    private readonly Dictionary<SliceKey, (Tensor Keys, Tensor Values, int Index)> entries = [];
    private bool isFilled;

    public DataType KeyType => keys;

    public DataType ValueType => values;

    private bool IsReady => isMutable || isFilled;

    public int Count => IsReady ? entries.Count : throw NotInitialized();

    /// <summary>The table that an input's handle refers to.</summary>
    public static LookupTable Of(KernelCall call)
    {
        string handle = Handle.Name(call.Inputs[0]);
        return call.State.Find<LookupTable>(handle) ?? throw new ExecutionException(StatusKind.NotFound, $"table {handle} does not exist");
    }

    public void Insert(Tensor newKeys, Tensor newValues, bool replacesAll)
    {
        if (newKeys.Type != keys || newValues.Type != values)
            throw Refuse.Invalid($"Conflicting key/value dtypes {newKeys.Type.Name()}->{newValues.Type.Name()} with {keys.Name()}->{values.Name()}");
        if (newKeys.ElementCount != newValues.ElementCount)
            throw Refuse.Invalid($"number of elements in key and value tensors must match: {newKeys.ElementCount} vs. {newValues.ElementCount}");
        if (replacesAll)
            entries.Clear();
        Tensor flatKeys = Flat(newKeys);
        Tensor flatValues = Flat(newValues);
        for (int i = 0; i < flatKeys.ElementCount; i++)
        {
            SliceKey key = SliceKey.Of(flatKeys, 0, i);
            if (!isMutable && entries.TryGetValue(key, out var known) && !SliceKey.Of(known.Values, 0, known.Index).Equals(SliceKey.Of(flatValues, 0, i)))
                throw new ExecutionException(StatusKind.FailedPrecondition, "HashTable has different value for same key.");
            entries[key] = (flatKeys, flatValues, i);
        }
        isFilled = true;
    }

    public void Remove(Tensor oldKeys)
    {
        Tensor flat = Flat(oldKeys);
        for (int i = 0; i < flat.ElementCount; i++)
            entries.Remove(SliceKey.Of(flat, 0, i));
    }

    public Tensor Find(Tensor wanted, Tensor defaultValue)
    {
        if (!IsReady)
            throw NotInitialized();
        if (wanted.Type != keys)
            throw Refuse.Invalid($"Key must be type {keys.Name()} but got {wanted.Type.Name()}");
        if (defaultValue.ElementCount != 1)
            throw Refuse.Invalid($"Expected shape [] for default value, got {defaultValue.Shape}");
        Tensor flat = Flat(wanted);
        TensorBuilder result = TensorBuilder.Of(values, wanted.Shape);
        for (int i = 0; i < flat.ElementCount; i++)
        {
            if (entries.TryGetValue(SliceKey.Of(flat, 0, i), out var entry))
                result.Copy(entry.Values, entry.Index, i, 1);
            else
                result.Copy(defaultValue, 0, i, 1);
        }
        return result.Build();
    }

    /// <summary>All keys and their values as two vectors.</summary>
    public (Tensor Keys, Tensor Values) Export()
    {
        TensorBuilder allKeys = TensorBuilder.Of(keys, TensorShape.Of(entries.Count));
        TensorBuilder allValues = TensorBuilder.Of(values, TensorShape.Of(entries.Count));
        int to = 0;
        foreach (var entry in entries.Values)
        {
            allKeys.Copy(entry.Keys, entry.Index, to, 1);
            allValues.Copy(entry.Values, entry.Index, to++, 1);
        }
        return (allKeys.Build(), allValues.Build());
    }

    private static ExecutionException NotInitialized() => new(StatusKind.FailedPrecondition,
        "Table not initialized. Its InitializeTable node must run in the same run: let what is asked for depend on it, for example by a control input of the lookup.");

    private static Tensor Flat(Tensor tensor) => Tensors.Reshape(tensor, TensorShape.Of(tensor.ElementCount));
}
