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
        var placed = new BlocksInTime(1 + blocks.Select(block => block.First).DefaultIfEmpty().Max());
        var meeting = new List<Block>();
        long length = 0;
        foreach (Block block in blocks)
        {
            meeting.Clear();
            placed.Find(block, meeting);
            meeting.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
            block.Place(LowestOffset(block, meeting));
            placed.Add(block);
            length = Math.Max(length, block.Offset + block.Bytes);
        }
        return length <= AlignedMemory.MaxBytes ? length : throw new OverflowException($"a plan of {length} bytes is larger than 2 GiB");
    }

    /// <summary>The first place between blocks, or after them, that a block fits into.</summary>
    /// <param name="block">The block.</param>
    /// <param name="meeting">The blocks that are live at the same time, by their offsets.</param>
    private static long LowestOffset(Block block, List<Block> meeting)
    {
        long offset = 0;
        foreach (Block other in meeting)
        {
            if (offset + block.Bytes <= other.Offset)
                break;
            offset = Math.Max(offset, other.Offset + other.Bytes);
        }
        return offset;
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

        public bool IsPermanent => First < 0;

        public void Place(long offset)
        {
            Offset = offset;
            foreach (PlanBuffer buffer in buffers)
                buffer.Offset = checked((int)offset);
        }
    }

    /// <summary>Blocks by the operators between which they are live; finding those that meet another takes time by their number, not by that of all.</summary>
    private sealed class BlocksInTime
    {
        private readonly int size;
        private readonly List<Block> all = [];
        private readonly List<Block> permanent = [];
        private readonly List<Block>?[] byFirst;

        /// <summary>A segment tree: node i has the operators of nodes 2i and 2i + 1, the leaves are the operators; a block is in the fewest nodes that make up its life.</summary>
        private readonly List<Block>?[] tree;

        /// <param name="operators">Number of operators, as far as blocks begin at one.</param>
        public BlocksInTime(int operators)
        {
            size = operators;
            byFirst = new List<Block>?[operators];
            tree = new List<Block>?[2 * operators];
        }

        public void Add(Block block)
        {
            all.Add(block);
            if (block.IsPermanent)
            {
                permanent.Add(block);
                return;
            }
            (byFirst[block.First] ??= []).Add(block);
            int start = block.First + size;
            int end = LastOf(block) + size + 1;
            for (; start < end; start /= 2, end /= 2)
            {
                if (start % 2 == 1)
                    (tree[start++] ??= []).Add(block);
                if (end % 2 == 1)
                    (tree[--end] ??= []).Add(block);
            }
        }

        /// <summary>Adds the blocks that are live at the same time as a block.</summary>
        public void Find(Block block, List<Block> meeting)
        {
            if (block.IsPermanent)
            {
                meeting.AddRange(all);
                return;
            }
            meeting.AddRange(permanent);
            for (int node = block.First + size; node > 0; node /= 2)
                meeting.AddRange(tree[node] ?? []);
            for (int first = block.First + 1; first <= LastOf(block); first++)
                meeting.AddRange(byFirst[first] ?? []);
        }

        private int LastOf(Block block) => Math.Min(block.Last, size - 1);
    }
}
