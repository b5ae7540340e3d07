using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans;

/// <summary>Places buffers in an arena: the largest first, each at the lowest offset that no buffer live at the same time takes.</summary>
internal static class MemoryPlanner
{
    private const int Alignment = MicrokernelContract.CacheLine;

    /// <summary>Sets the offset of every buffer.</summary>
    /// <param name="buffers">The buffers in the order of their first operators.</param>
    /// <returns>Bytes of the arena.</returns>
    /// <exception cref="OverflowException">The arena would be larger than 2 GiB.</exception>
    public static long Assign(IEnumerable<PlanBuffer> buffers)
    {
        List<Block> blocks = Merge(buffers);
        blocks.Sort(Precedence);
        var placed = new List<Block>();
        long length = 0;
        foreach (Block block in blocks)
        {
            long offset = 0;
            foreach (Block other in placed)
            {
                if (!block.MeetsInTime(other))
                    continue;
                if (offset + block.Bytes <= other.Offset)
                    break;
                offset = Math.Max(offset, other.Offset + other.Bytes);
            }
            block.Place(offset);
            placed.Insert(placed.FindLastIndex(other => other.Offset <= offset) + 1, block);
            length = Math.Max(length, offset + block.Bytes);
        }
        return length <= AlignedMemory.MaxBytes ? length : throw new OverflowException($"a plan of {length} bytes is larger than 2 GiB");
    }

    /// <summary>Buffers that follow each other in one place, as one.</summary>
    private static List<Block> Merge(IEnumerable<PlanBuffer> buffers)
    {
        var blocks = new Dictionary<PlanBuffer, Block>();
        foreach (PlanBuffer buffer in buffers)
        {
            bool replaces = buffer.Replaces is { } before && before.LastOperator == buffer.FirstOperator && before.Bytes == buffer.Bytes && !before.IsPermanent && blocks.ContainsKey(before);
            Block block = replaces ? blocks[buffer.Replaces!] : new(blocks.Count);
            block.Add(buffer);
            blocks.Add(buffer, block);
        }
        return [.. blocks.Values.Distinct()];
    }

    private static int Precedence(Block left, Block right)
    {
        if (left.Bytes != right.Bytes)
            return right.Bytes.CompareTo(left.Bytes);
        return left.First != right.First ? left.First.CompareTo(right.First) : left.Number.CompareTo(right.Number);
    }

    private sealed class Block(int number)
    {
        private readonly List<PlanBuffer> buffers = [];

        public int Number => number;

        public int First { get; private set; } = int.MaxValue;

        public int Last { get; private set; } = -1;

        public long Bytes { get; private set; }

        public long Offset { get; private set; }

        public void Add(PlanBuffer buffer)
        {
            buffers.Add(buffer);
            First = buffer.IsPermanent ? -1 : Math.Min(First, buffer.FirstOperator);
            Last = buffer.IsPermanent ? int.MaxValue : Math.Max(Last, buffer.LastOperator);
            Bytes = (buffer.Bytes + MicrokernelContract.MaxOverreadBytes + Alignment - 1) / Alignment * Alignment;
        }

        public bool MeetsInTime(Block other) => First <= other.Last && other.First <= Last;

        public void Place(long offset)
        {
            Offset = offset;
            foreach (PlanBuffer buffer in buffers)
                buffer.Offset = checked((int)offset);
        }
    }
}
