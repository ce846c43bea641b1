const canvas = document.getElementById("risk-chart");
const rows = JSON.parse(document.getElementById("risk-history").textContent);

if (canvas && rows.length) {
  new Chart(canvas, {
    type: "line",
    data: {
      labels: rows.map((row) => row.date),
      datasets: [{ label: canvas.dataset.label, data: rows.map((row) => 100 * row.probability), borderColor: "#0b6cad", backgroundColor: "rgba(11,108,173,.12)", fill: true, tension: 0.2, pointRadius: 2 }],
    },
    options: {
      animation: false, maintainAspectRatio: false, plugins: { legend: { display: false } },
      scales: { y: { beginAtZero: true, ticks: { callback: (value) => `${value} %` } }, x: { ticks: { maxTicksLimit: 9 } } },
    },
  });
}
