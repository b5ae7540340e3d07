using System.Globalization;
using System.Text;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Trials;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The catalogue: names, contracts, and the page that is made from it.</summary>
public sealed class MicrokernelCatalogTests
{
    [Fact]
    public void Names_are_unique() => Assert.Equal([], MicrokernelCatalog.All.GroupBy(kernel => kernel.Name).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void Every_operation_is_run_by_a_test() =>
        Assert.Equal([], MicrokernelCatalog.All.Select(kernel => kernel.Operation).Distinct().Except(MicrokernelCases.GemmOperations).Except(VectorTrials.Operations));

    [Theory]
    [InlineData("u8s8_gemm_6x64c4__avx512vnni", 6, 64, 4, 64, 3)]
    [InlineData("u8s8_gemm_4x16c4__avx2", 4, 16, 4, 64, 3)]
    [InlineData("s16s16_gemm_4x16c2__avx2", 4, 16, 2, 64, 0)]
    [InlineData("u8s8_gemm_4x16c4__neondot", 4, 16, 4, 64, 3)]
    [InlineData("u8s8_gemm_4x16__neon", 4, 16, 1, 64, 3)]
    [InlineData("f32_gemm_6x16__neon", 6, 16, 1, 64, 0)]
    [InlineData("f32_gemm_6x64__avx512", 6, 64, 1, 64, 0)]
    [InlineData("f32_gemm_2x4__scalar", 2, 4, 1, 16, 0)]
    public void A_contract_is_listed_on_every_machine(string name, int mr, int nr, int kr, int alignment, int overread) =>
        Assert.Equal(new MicrokernelContract(mr, nr, kr, alignment, overread), MicrokernelCases.Find(name).Contract);

    [Fact]
    public void No_kernel_reads_further_than_buffers_are_apart() => Assert.All(MicrokernelCatalog.All, kernel => Assert.InRange(kernel.Contract.OverreadBytes, 0, MicrokernelContract.MaxOverreadBytes));

    [Fact]
    public void The_page_is_current() => GeneratedPage.Check("docs/microkernels.md", Page());

    private static string Page()
    {
        var page = new StringBuilder("""
            # Microkernels

            The inner loops of the CPU backend, for those who tune or add one. `UPDATE_PAGES=1 dotnet test Tests/Cpu` makes this page from the catalogue, `Plugins/Cpu/Microkernels/MicrokernelCatalog.cs`.

            * A name is a kernel's coordinates: types of the operands (`u8s8`: quint8 inputs, qint8 weights; `s16s16`: both widened to 16 bits once, for panels with weights that the kernels of the same set are not exact for; `s16s8`: qint16 inputs, qint8 weights packed as 16 bits), operation, tile, instruction set. `6x64c4` is Mr × Nr, four weights of a column side by side; `x16` is a vector of 16 channels.
            * Mr: rows of a full tile, or output pixels of a call. Nr: columns of a full tile, or channels of a vector. Kr: weights of a column that are side by side in a packed panel. Smaller tiles are tails of the full one.
            * Alignment: bytes that a packed panel starts at a multiple of. Overread: bytes past the last input of a row that may be read; the memory planner leaves 64 between buffers.
            * `TRANSFORMFRAMEWORK_ISA` forces a set: `vnni`, `avxvnni`, `avx512`, `avx2`, `vector128` or `scalar`; on Arm64 `neondot`, `neon`, `vector128` or `scalar`. All sets give the same bits.

            | kernel | Mr | Nr | Kr | alignment | overread |
            |---|---|---|---|---|---|

            """);
        foreach (Microkernel kernel in MicrokernelCatalog.All)
        {
            var (mr, nr, kr, alignment, overread) = kernel.Contract;
            page.Append(CultureInfo.InvariantCulture, $"| `{kernel.Name}` | {mr} | {nr} | {kr} | {alignment} | {overread} |\n");
        }
        return page.ToString();
    }
}
