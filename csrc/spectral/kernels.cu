// Spectral kernels on CUDA: a block a matrix, all matrices of a call in one launch, through a table
// of their addresses.
#include <vector>

#include "common/launch.h"
#include "spectral/block.cuh"
#include "spectral/lanczos.h"
#include "spectral/power.h"

namespace gt {
namespace cuda {
namespace {

// How many blocks that divide share a matrix: as many as it has parts of this size.
constexpr int64_t kPart = 1 << 14;

template <class T>
struct Shared {
    T partial[kTeam];
    double scratch[kTeam / kWarp];
};

template <class T>
__global__ void __launch_bounds__(kTeam, 1)
    search(const GtMatrix* all, const int64_t* offsets, int64_t k, double tolerance, char* memory,
           T* values, double* residuals) {
    GT_SHARED(Shared<T>, shared, );
    const int64_t i = blockIdx.x;
    const Block<T> team{shared.partial, shared.scratch};
    Lanczos<T, Block<T>> lanczos(all[i], k, tolerance, memory + offsets[i], team);
    const double residual =
        lanczos.run(values + i * k, static_cast<T*>(all[i].left), static_cast<T*>(all[i].right),
                    static_cast<const T*>(all[i].start));
    if (threadIdx.x == 0) residuals[i] = residual;
}

template <class T>
__global__ void __launch_bounds__(kTeam, 1)
    power(const GtDivision* all, const int64_t* offsets, int64_t rounds, double epsilon, T* memory,
          T* norms) {
    GT_SHARED(Shared<T>, shared, );
    const GtDivision matrix = all[blockIdx.x];
    const Block<T> team{shared.partial, shared.scratch};
    const T norm = power_rounds(matrix, rounds, epsilon, memory + offsets[blockIdx.x], team);
    if (threadIdx.x == 0) norms[blockIdx.x] = norm;
    T* held = static_cast<T*>(matrix.held);
    if (!held) return;
    team.once([&] { held[0] = norm; });
    team.copy(static_cast<const T*>(matrix.left), matrix.rows, held + 1);
    team.copy(static_cast<const T*>(matrix.right), matrix.columns, held + 1 + matrix.rows);
}

template <class T>
__global__ void quotient(const GtDivision* all, const T* norms) {
    const GtDivision matrix = all[blockIdx.y];
    const int64_t entries = matrix.rows * matrix.columns;
    const T* from = static_cast<const T*>(matrix.values);
    T* out = static_cast<T*>(matrix.out);
    const T norm = norms[blockIdx.y];
    const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
    for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < entries;
         i += step)
        out[i] = from[i] / norm;
}

// along = G.W of every matrix.
template <class T>
__global__ void __launch_bounds__(kTeam, 1) overlap(const GtDivision* all, double* along) {
    GT_SHARED(Shared<T>, shared, );
    const GtDivision matrix = all[blockIdx.x];
    const Block<T> team{shared.partial, shared.scratch};
    const double sum = team.dot(static_cast<const T*>(matrix.gradient),
                                static_cast<const T*>(matrix.values), matrix.rows * matrix.columns);
    if (threadIdx.x == 0) along[blockIdx.x] = sum;
}

// W/s with s = u'W v pulls G back to G/s - (G.W) / s^2 u v'.
template <class T>
__global__ void pull(const GtDivision* all, const double* along) {
    const GtDivision matrix = all[blockIdx.y];
    const int64_t n = matrix.columns, entries = matrix.rows * n;
    const T* from = static_cast<const T*>(matrix.gradient);
    const T* held = static_cast<const T*>(matrix.held);
    T* out = static_cast<T*>(matrix.out);
    const T norm = held[0];
    const double share = -along[blockIdx.y] / norm / norm;
    const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
    for (int64_t i = blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; i < entries;
         i += step) {
        const T factor = static_cast<T>(share * held[1 + i / n]);
        out[i] = multiply_add(held[1 + matrix.rows + i % n], factor, from[i] / norm);
    }
}

// A table on the device: the copy is taken from the CPU's pageable memory before the call returns.
template <class Entry>
class Table {
  public:
    Table(const Stream& stream, const Entry* all, int64_t count) : entries_(stream, count) {
        stream.copy(entries_.data(), all, count, cudaMemcpyHostToDevice);
    }
    const Entry* data() const { return entries_.data(); }

  private:
    DeviceArray<Entry> entries_;
};

template <class T>
void top(const GtMatrices* matrices, int64_t k, double tolerance, void* values, double* residuals) {
    const Stream stream;
    const int64_t count = matrices->count;
    std::vector<int64_t> offsets(count);
    int64_t bytes = 0;
    for (int64_t i = 0; i < count; ++i) {
        offsets[i] = bytes;
        const GtMatrix& matrix = matrices->all[i];
        bytes += (Lanczos<T, Block<T>>::bytes(matrix.rows, matrix.columns, k) + 63) / 64 * 64;
    }
    const Table<GtMatrix> table(stream, matrices->all, count);
    const Table<int64_t> places(stream, offsets.data(), count);
    const DeviceArray<char> memory(stream, bytes);
    const DeviceArray<double> found(stream, count);
    stream.launch("spectral_search", search<T>, dim3(static_cast<unsigned>(count)), dim3(kTeam), 0,
                  table.data(), places.data(), k, tolerance, memory.data(), static_cast<T*>(values),
                  found.data());
    stream.copy(residuals, static_cast<const double*>(found.data()), count, cudaMemcpyDeviceToHost);
    stream.wait();
}

template <class T>
dim3 parts(const GtDivisions* divisions) {
    int64_t most = 0;
    for (int64_t i = 0; i < divisions->count; ++i) {
        const int64_t entries = divisions->all[i].rows * divisions->all[i].columns;
        most = entries > most ? entries : most;
    }
    return dim3(blocks_for(most, kPart), static_cast<unsigned>(divisions->count));
}

// Grids have at most 65,535 rows: a call in pieces.
template <class Body>
void in_pieces(const GtDivisions* divisions, const Body& body) {
    constexpr int64_t most = 65535;
    for (int64_t i = 0; i < divisions->count; i += most) {
        const int64_t rest = divisions->count - i;
        const GtDivisions piece{divisions->all + i, rest < most ? rest : most, 1};
        body(&piece);
    }
}

template <class T>
void divide(const GtDivisions* divisions, int64_t rounds, double epsilon) {
    const Stream stream;
    in_pieces(divisions, [&](const GtDivisions* piece) {
        std::vector<int64_t> offsets(piece->count);
        int64_t numbers = 0;
        for (int64_t i = 0; i < piece->count; ++i) {
            offsets[i] = numbers;
            const GtDivision& matrix = piece->all[i];
            numbers += matrix.rows > matrix.columns ? matrix.rows : matrix.columns;
        }
        const Table<GtDivision> table(stream, piece->all, piece->count);
        const Table<int64_t> places(stream, offsets.data(), piece->count);
        const DeviceArray<T> memory(stream, numbers), norms(stream, piece->count);
        stream.launch("spectral_power", power<T>, dim3(static_cast<unsigned>(piece->count)),
                      dim3(kTeam), 0, table.data(), places.data(), rounds, epsilon, memory.data(),
                      norms.data());
        stream.launch("spectral_quotient", quotient<T>, parts<T>(piece), dim3(256), 0, table.data(),
                      norms.data());
    });
}

template <class T>
void pull_division(const GtDivisions* divisions) {
    const Stream stream;
    in_pieces(divisions, [&](const GtDivisions* piece) {
        const Table<GtDivision> table(stream, piece->all, piece->count);
        const DeviceArray<double> along(stream, piece->count);
        stream.launch("spectral_overlap", overlap<T>, dim3(static_cast<unsigned>(piece->count)),
                      dim3(kTeam), 0, table.data(), along.data());
        stream.launch("spectral_pull", pull<T>, parts<T>(piece), dim3(256), 0, table.data(),
                      along.data());
    });
}

}  // namespace
}  // namespace cuda
}  // namespace gt

using namespace gt::cuda;
extern const GtSpectral gt_spectral_float_cuda = {top<float>, divide<float>, pull_division<float>};
extern const GtSpectral gt_spectral_double_cuda = {top<double>, divide<double>,
                                                   pull_division<double>};
