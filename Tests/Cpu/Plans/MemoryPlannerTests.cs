using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans;

public sealed class MemoryPlannerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Buffers_that_live_at_the_same_time_share_no_byte_even_when_read_beyond_their_ends(int seed)
    {
        var random = new Random(seed);
        PlanBuffer[] buffers = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            int first = random.Next(100);
            return new PlanBuffer(random.Next(1, 5000)) { FirstOperator = first, LastOperator = first + random.Next(20), IsPermanent = random.Next(20) == 0 };
        })];
        long length = MemoryPlanner.Assign(buffers);
        foreach (PlanBuffer buffer in buffers)
        {
            Assert.Equal(0, buffer.Offset % MicrokernelContract.CacheLine);
            Assert.InRange(buffer.Offset + buffer.Bytes + MicrokernelContract.MaxOverreadBytes, 0, length);
        }
        for (int i = 0; i < buffers.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Assert.False(Meet(buffers[i], buffers[j]) && Overlap(buffers[i], buffers[j]), $"buffers {i} and {j}");
            }
        }
    }

    /// <summary>Each buffer lies at the lowest place that the larger ones, placed before, leave: every byte below it is taken by one that it meets, or too narrow.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Buffers_lie_at_the_lowest_place_that_is_free(int seed)
    {
        var random = new Random(seed);
        PlanBuffer[] buffers = [.. Enumerable.Range(1, 300).Select(i =>
        {
            int first = random.Next(150);
            return new PlanBuffer(i * 4096) { FirstOperator = first, LastOperator = random.Next(10) == 0 ? int.MaxValue : first + random.Next(12), IsPermanent = random.Next(40) == 0 };
        })];
        MemoryPlanner.Assign(buffers);
        var placed = new List<PlanBuffer>();
        foreach (PlanBuffer buffer in buffers.Reverse())
        {
            long lowest = 0;
            foreach (PlanBuffer other in placed.Where(other => Meet(buffer, other)).OrderBy(other => other.Offset))
            {
                if (lowest + Taken(buffer) <= other.Offset)
                    break;
                lowest = Math.Max(lowest, other.Offset + Taken(other));
            }
            Assert.Equal(lowest, buffer.Offset);
            placed.Add(buffer);
        }
    }

    [Fact]
    public void Buffers_that_do_not_meet_share_their_place()
    {
        PlanBuffer first = new(1000) { FirstOperator = 0, LastOperator = 1 };
        PlanBuffer second = new(1000) { FirstOperator = 2, LastOperator = 3 };
        long length = MemoryPlanner.Assign([first, second]);
        Assert.Equal(first.Offset, second.Offset);
        Assert.InRange(length, 1000, 1999);
    }

    [Fact]
    public void A_buffer_takes_the_place_of_the_one_that_its_operator_reads_last()
    {
        PlanBuffer first = new(1000) { FirstOperator = 0, LastOperator = 1 };
        PlanBuffer second = new(1000) { FirstOperator = 1, LastOperator = 2, Replaces = first };
        PlanBuffer other = new(1000) { FirstOperator = 1, LastOperator = 2 };
        MemoryPlanner.Assign([first, second, other]);
        Assert.Equal(first.Offset, second.Offset);
        Assert.NotEqual(first.Offset, other.Offset);
    }

    [Fact]
    public void A_buffer_that_is_read_later_or_has_another_size_or_is_permanent_is_not_replaced()
    {
        PlanBuffer[] befores = [new(1000) { FirstOperator = 0, LastOperator = 2 }, new(2000) { FirstOperator = 0, LastOperator = 1 }, new(1000) { FirstOperator = 0, LastOperator = 1, IsPermanent = true }];
        foreach (PlanBuffer before in befores)
        {
            PlanBuffer after = new(1000) { FirstOperator = 1, LastOperator = 3, Replaces = before };
            MemoryPlanner.Assign([before, after]);
            Assert.False(Overlap(before, after));
        }
    }

    [Fact]
    public void An_arena_beyond_two_gibibytes_is_refused()
    {
        PlanBuffer[] buffers = [new(1L << 30) { FirstOperator = 0, LastOperator = 1 }, new(1L << 30) { FirstOperator = 1, LastOperator = 1 }];
        Assert.Throws<OverflowException>(() => MemoryPlanner.Assign(buffers));
        Assert.Throws<OverflowException>(() => MemoryPlanner.Assign([new PlanBuffer(1L << 40) { FirstOperator = 0, LastOperator = 0 }]));
    }

    private static bool Meet(PlanBuffer left, PlanBuffer right) =>
        left.IsPermanent || right.IsPermanent || (left.FirstOperator <= right.LastOperator && right.FirstOperator <= left.LastOperator);

    private static long Taken(PlanBuffer buffer) => (buffer.Bytes + MicrokernelContract.MaxOverreadBytes + MicrokernelContract.CacheLine - 1) / MicrokernelContract.CacheLine * MicrokernelContract.CacheLine;

    private static bool Overlap(PlanBuffer left, PlanBuffer right) => left.Offset < right.Offset + right.Bytes && right.Offset < left.Offset + left.Bytes;
}
